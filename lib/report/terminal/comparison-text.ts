import type { TableResult } from "../../experiments/results/result";
import type { Column } from "../text/columns";
import { deviationText, metricTitles, percentText, shownMetrics } from "../text/text";
import { allowedErrors, type ComparedMetric, type ComparedRow, type ResultComparison } from "./comparison";
import { broken, textTable } from "./text-table";

/** A run beside the committed result, one table for each metric, and the verdict in a sentence. */
export function comparisonText(
  comparison: ResultComparison,
  seeds: { readonly run: TableResult["seeds"]; readonly committed: TableResult["seeds"] },
  width: number,
): string {
  const tables = shownMetrics.map((metric) => textTable(columnsOf(comparison.rows, metric), width));
  return [...tables.flatMap((table) => [table, ""]), ...broken(verdictOf(comparison, seeds), width)].join("\n");
}

function columnsOf(rows: readonly ComparedRow[], metric: ComparedMetric): readonly Column[] {
  const column = (name: string, cell: (row: ComparedRow) => string): Column => ({ name, cells: rows.map(cell) });
  return [
    column(`${metricTitles[metric]} (%)`, nameOf),
    column("this run", ({ metrics }) => deviationText(metrics[metric].run)),
    column("committed", ({ metrics }) => deviationText(metrics[metric].committed)),
    column("difference", ({ metrics }) => signed(metrics[metric].difference)),
  ];
}

function nameOf({ group, label }: ComparedRow): string {
  return group === undefined ? label : `${group}: ${label}`;
}

function signed(points: number): string {
  const text = percentText(points);
  return text.startsWith("−") || Number(text) === 0 ? text : `+${text}`;
}

/** Whether the table was reproduced, and by which rule, in one sentence. */
export function verdictOf(
  { rows, equalSeeds, equal, allowed, reproduced, deviationsOf }: ResultComparison,
  { run, committed }: { readonly run: TableResult["seeds"]; readonly committed: TableResult["seeds"] },
): string {
  if (equal && reproduced) {
    return `Reproduced: all ${rows.length} rows equal the committed ones to every digit for ${seedsText(equalSeeds)}.`;
  }
  const same = equalSeeds.length === 0 ? "" : `; ${seedsText(equalSeeds)} equal to every digit`;
  if (reproduced === null || allowed.top1 === null || allowed.mAP === null) {
    return `Not judged: numbers differ, the committed result has ${seedsText(committed)} alone, and no committed table has several, so that it is not known how far seeds deviate.`;
  }
  const points = `${percentText(allowed.top1)} points of top-1, ${percentText(allowed.mAP)} of mAP`;
  const rule = `${allowedErrors} standard errors of the committed mean (${points})`;
  const counts = `for ${run.length} and ${committed.length} seeds`;
  const origin = `${counts}, by the deviation over seeds of ${committed.length > 1 ? "its rows" : `table ${deviationsOf.join(", ")}`}${same}`;
  if (reproduced) return `Reproduced: each of the ${rows.length} rows is within ${rule} ${origin}.`;
  const outside = rows.filter(({ metrics }) => shownMetrics.some((metric) => metrics[metric].within === false));
  const named = outside.map((row) => nameOf(row)).join("; ");
  return `Not reproduced: ${outside.length} of ${rows.length} rows are not within ${rule} ${origin}: ${named}.`;
}

function seedsText(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}`;
}
