import type { TableResult } from "../../experiments/results/result";
import type { Column } from "../text/columns";
import { deviationText, notApplicable, percentText } from "../text/text";
import {
  allowedErrors,
  type ComparedMetric,
  type ComparedRow,
  type ComparedValue,
  type ResultComparison,
} from "./comparison";
import { broken, textTable } from "./text-table";

/** A run beside the committed result, one table for each metric, and the verdict in a sentence. */
export function comparisonText(
  comparison: ResultComparison,
  seeds: { readonly run: TableResult["seeds"]; readonly committed: TableResult["seeds"] },
  width: number,
): string {
  const tables = comparison.metrics.map((metric) => textTable(columnsOf(comparison.rows, metric), width));
  return [...tables.flatMap((table) => [table, ""]), ...broken(verdictOf(comparison, seeds), width)].join("\n");
}

function columnsOf(rows: readonly ComparedRow[], metric: ComparedMetric): readonly Column[] {
  const column = (name: string, cell: (row: ComparedRow) => string): Column => ({ name, cells: rows.map(cell) });
  const value =
    (of: (value: ComparedValue) => string) =>
    (row: ComparedRow): string => {
      const found = row.metrics[metric.id];
      return found === undefined ? notApplicable : of(found);
    };
  return [
    column(`${metric.title} (%)`, nameOf),
    column(
      "this run",
      value(({ run }) => deviationText(run)),
    ),
    column(
      "committed",
      value(({ committed }) => deviationText(committed)),
    ),
    column(
      "difference",
      value(({ difference }) => signed(difference)),
    ),
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
  { metrics, rows, equalSeeds, equal, allowed, reproduced, deviationsOf }: ResultComparison,
  { run, committed }: { readonly run: TableResult["seeds"]; readonly committed: TableResult["seeds"] },
): string {
  if (equal && reproduced) {
    return `Reproduced: all ${rows.length} rows equal the committed ones to every digit for ${seedsText(equalSeeds)}.`;
  }
  const same = equalSeeds.length === 0 ? "" : `; ${seedsText(equalSeeds)} equal to every digit`;
  const limits = metrics.map(({ id, title }) => ({ title, limit: allowed[id] ?? null }));
  if (reproduced === null || limits.some(({ limit }) => limit === null)) {
    return `Not judged: numbers differ, the committed result has ${seedsText(committed)} alone, and no committed table has several, so that it is not known how far seeds deviate.`;
  }
  const points = limits
    .map(({ title, limit }, index) => `${percentText(limit ?? 0)} ${index === 0 ? "points " : ""}of ${title}`)
    .join(", ");
  const rule = `${allowedErrors} standard errors of the committed mean (${points})`;
  const counts = `for ${run.length} and ${committed.length} seeds`;
  const origin = `${counts}, by the deviation over seeds of ${committed.length > 1 ? "its rows" : `table ${deviationsOf.join(", ")}`}${same}`;
  if (reproduced) return `Reproduced: each of the ${rows.length} rows is within ${rule} ${origin}.`;
  const outside = rows.filter(({ metrics: row }) => Object.values(row).some(({ within }) => within === false));
  const named = outside.map((row) => nameOf(row)).join("; ");
  return `Not reproduced: ${outside.length} of ${rows.length} rows are not within ${rule} ${origin}: ${named}.`;
}

function seedsText(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}`;
}
