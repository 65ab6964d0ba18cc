import type { MetricName, TableResult } from "../../experiments/results/result";
import type { Figure } from "../plot/figure";
import { rowsFigure } from "./table";

/** The rows of the main table that are compared from dataset to dataset, in short. */
const labels: Readonly<Record<string, string>> = {
  "old-old": "old / old",
  "bct-new-old": "BCT",
  "fct-none": "FCT, no side-information",
  "fct-autoencoder": "FCT, autoencoder",
  "fct-simclr": "FCT, SimCLR",
  "new-new": "new / new",
};

/** The main result on several datasets under one another, each with the number of its seeds. */
export function datasetsFigure(
  results: readonly { readonly name: string; readonly result: TableResult }[],
  metric: MetricName = "mAP",
): Figure {
  const rows = results.flatMap(({ name, result: { rows: all, seeds } }) => {
    const group = `${name} (${seeds.length === 1 ? "one seed" : `${seeds.length} seeds`})`;
    return all.flatMap((row) => {
      const label = labels[row.id];
      return label === undefined ? [] : [{ ...row, group, label }];
    });
  });
  return rowsFigure(rows, {
    metric,
    subtitle: "bars: 95 % intervals over classes, and over seeds where there are several; small circles: single seeds",
  });
}
