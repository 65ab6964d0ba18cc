import { backbone, compatible, sideInformation, upgrade } from "../../lib/experiments/model/construct";
import type { Row, Table } from "../../lib/experiments/table";
import { toyBackbone, toyShapes, toySimclr, toyTransformation } from "../training/shapes-toy";

/** The main table in small: seconds. Its rows are plain data, so that a process of its own can be handed them as JSON. */
export const toyTable: Table = {
  id: "toy",
  title: "The main table in small",
  notebook: "none",
  scales: { tiny: { seeds: 2, dataset: "drawn shapes" }, other: { seeds: 1, dataset: "the same" } },
  gap: { from: "old-old", to: "new-new" },
  rows: (_, seed) => {
    const classes = { fraction: 0.5, shuffle: 0 } as const;
    const old = backbone({ ...toyBackbone, classes, seed });
    const next = backbone({ ...toyBackbone, seed });
    const bct = compatible({ ...toyBackbone, seed }, { old });
    const side = sideInformation({ ...toySimclr, classes, seed });
    const recipe = { ...toyTransformation, seed };
    const row = (id: string, query: Row["query"], gallery: Row["gallery"]): Row => {
      const published = { source: "a paper", dataset: "a set", top1: 12, top5: null, mAP: null, gapClosed: 50 };
      const reported = id === "fct-none" ? [published] : [];
      return { id, label: `row ${id}`, query, gallery, dataset: toyShapes, reported };
    };
    return [
      row("old-old", old, old),
      row("independent", next, old),
      row("bct-new-old", bct, old),
      row("bct-new-new", bct, bct),
      row("fct-none", next, upgrade(old, { target: next, side: null, recipe })),
      row("fct-simclr", next, upgrade(old, { target: next, side, recipe })),
      row("new-new", next, next),
    ];
  },
};
