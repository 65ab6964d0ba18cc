import type { ResultRow, Summary, TableResult } from "../../experiments/results/result";
import { shownMetrics } from "../text/text";

/** A metric by which runs are compared. */
export type ComparedMetric = (typeof shownMetrics)[number];

/** A row of both results. */
export interface ComparedRow {
  readonly label: string;
  readonly group?: string;
  readonly metrics: Readonly<Record<ComparedMetric, ComparedValue>>;
}

export interface ComparedValue {
  readonly run: Summary;
  readonly committed: Summary;
  /** This run's mean minus the committed one, in points of percent. */
  readonly difference: number;
  /** Whether the difference is at most what is allowed; null if no deviation is known. */
  readonly within: boolean | null;
}

/** A run beside the committed result of the same table, scale and declaration. */
export interface ResultComparison {
  readonly rows: readonly ComparedRow[];
  /** Seeds of both results for which all numbers of all rows agree to every digit. */
  readonly equalSeeds: readonly number[];
  /** Whether these are all the seeds of the run: then nothing is left to judge. */
  readonly equal: boolean;
  /** The largest difference allowed, in points; null if no deviation is known. */
  readonly allowed: Readonly<Record<ComparedMetric, number | null>>;
  /** Whether the table was reproduced; null if it cannot be judged. */
  readonly reproduced: boolean | null;
  /** The tables whose deviations over seeds count: the table itself, or others, or none. */
  readonly deviationsOf: readonly string[];
}

/** Standard errors that a difference may be large. */
export const allowedErrors = 3;

/**
 * Compares a run of m seeds with the committed result of n. If every seed of the run gives the
 * committed numbers, it is equal. Otherwise another machine has rounded otherwise, which changes a
 * training as another seed does: a row is reproduced if, in top-1 and in mAP, the run's mean is
 * within 3 standard errors s sqrt(1/m + 1/n) of the committed mean. Since the deviation of few
 * seeds is itself uncertain (by a factor of two for three seeds), s is pooled over the rows of the
 * table; if it was committed with one seed, over those `others` that have several. With the 16
 * degrees of freedom of 8 rows and 3 seeds, chance exceeds 3 in 0.8 % of the cases (Student's t).
 */
export function compared(run: TableResult, committed: TableResult, others: readonly TableResult[]): ResultComparison {
  const equalSeeds = run.seeds.filter((seed) => isEqualFor(seed, run, committed));
  const equal = equalSeeds.length === run.seeds.length;
  const known = committed.seeds.length > 1 ? [committed] : others.filter(({ seeds }) => seeds.length > 1);
  const error = Math.sqrt(1 / run.seeds.length + 1 / committed.seeds.length);
  const limit = (metric: ComparedMetric): number | null => {
    const deviation = pooledDeviation(known, metric);
    return deviation === null ? null : allowedErrors * deviation * error;
  };
  const allowed = { top1: limit("top1"), mAP: limit("mAP") };
  const rows = run.rows.flatMap((row) => comparedRow(row, committed.rows, { allowed, equal }));
  const within = rows.flatMap(({ metrics }) => shownMetrics.map((metric) => metrics[metric].within));
  const all = rows.length === run.rows.length && run.rows.length === committed.rows.length;
  const judged = within.includes(null) ? null : within.every((each) => each === true);
  return { rows, equalSeeds, equal, allowed, reproduced: all ? judged : false, deviationsOf: known.map(nameOf) };
}

function nameOf({ table }: TableResult): string {
  return table;
}

function isEqualFor(seed: number, run: TableResult, committed: TableResult): boolean {
  const numbersOf = ({ seeds, rows }: TableResult): string | null =>
    seeds.includes(seed) ? JSON.stringify(rows.map(({ id, perSeed }) => [id, perSeed[seeds.indexOf(seed)]])) : null;
  return numbersOf(committed) !== null && numbersOf(run) === numbersOf(committed);
}

function comparedRow(
  { id, label, group, metrics }: ResultRow,
  committed: readonly ResultRow[],
  { allowed, equal }: Pick<ResultComparison, "allowed" | "equal">,
): readonly ComparedRow[] {
  const other = committed.find((row) => row.id === id);
  if (other === undefined) return [];
  const value = (metric: ComparedMetric): ComparedValue => {
    const difference = metrics[metric].mean - other.metrics[metric].mean;
    const limit = allowed[metric];
    const within = equal || (limit === null ? null : Math.abs(difference) <= limit);
    return { run: metrics[metric], committed: other.metrics[metric], difference, within };
  };
  const both = { top1: value("top1"), mAP: value("mAP") };
  return [{ label, ...(group === undefined ? {} : { group }), metrics: both }];
}

/**
 * The root mean square of the rows' deviations over seeds, weighted by their degrees of freedom.
 */
function pooledDeviation(results: readonly TableResult[], metric: ComparedMetric): number | null {
  const summaries = results.flatMap(({ rows }) => rows.map(({ metrics }) => metrics[metric]));
  const freedom = summaries.reduce((sum, { n }) => sum + n - 1, 0);
  const squares = summaries.reduce((sum, { n, sd }) => sum + (n - 1) * (sd ?? 0) ** 2, 0);
  return freedom === 0 ? null : Math.sqrt(squares / freedom);
}
