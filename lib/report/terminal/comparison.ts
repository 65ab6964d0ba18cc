import { type AnyResult, isOfLanguage } from "../../experiments/language/language-result";
import type { Summary } from "../../experiments/results/result";
import { metricTitles, shownMetrics } from "../text/text";

/** A metric by which runs are compared, in percent, and what it is called. */
export interface ComparedMetric {
  readonly id: string;
  readonly title: string;
}

/** A row of both results. */
export interface ComparedRow {
  readonly label: string;
  readonly group?: string;
  readonly metrics: Readonly<Record<string, ComparedValue>>;
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
  readonly metrics: readonly ComparedMetric[];
  readonly rows: readonly ComparedRow[];
  /** Seeds of both results for which all numbers of all rows agree to every digit. */
  readonly equalSeeds: readonly number[];
  /** Whether these are all the seeds of the run: then nothing is left to judge. */
  readonly equal: boolean;
  /** The largest difference allowed, in points; null if no deviation is known. */
  readonly allowed: Readonly<Record<string, number | null>>;
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
 * training as another seed does: a row is reproduced if, in top-1 and in mAP, or of language models
 * in their score and their NFR, the run's mean is within 3 standard errors s sqrt(1/m + 1/n) of the
 * committed mean. Since the deviation of few seeds is itself uncertain (by a factor of two for
 * three seeds), s is pooled over the rows of the table; if it was committed with one seed, over
 * those `others` of its kind that have several. With the 16 degrees of freedom of 8 rows and 3
 * seeds, chance exceeds 3 in 0.8 % of the cases (Student's t).
 */
export function compared(ran: AnyResult, accepted: AnyResult, others: readonly AnyResult[]): ResultComparison {
  const [run, committed] = [comparable(ran), comparable(accepted)];
  const equalSeeds = run.seeds.filter((seed) => isEqualFor(seed, run, committed));
  const equal = equalSeeds.length === run.seeds.length;
  const alike = others.filter((other) => isOfLanguage(other) === isOfLanguage(ran)).map(comparable);
  const known = committed.seeds.length > 1 ? [committed] : alike.filter(({ seeds }) => seeds.length > 1);
  const error = Math.sqrt(1 / run.seeds.length + 1 / committed.seeds.length);
  const { metrics } = run;
  const limit = ({ id }: ComparedMetric): number | null => {
    const deviation = pooledDeviation(known, id);
    return deviation === null ? null : allowedErrors * deviation * error;
  };
  const allowed = Object.fromEntries(metrics.map((metric) => [metric.id, limit(metric)]));
  const rows = run.rows.flatMap((row) => comparedRow(row, committed.rows, { allowed, equal }));
  const within = rows.flatMap((row) => Object.values(row.metrics).map((value) => value.within));
  const all = rows.length === run.rows.length && run.rows.length === committed.rows.length;
  const judged = within.includes(null) ? null : within.every((each) => each === true);
  const deviationsOf = known.map(({ table }) => table);
  return { metrics, rows, equalSeeds, equal, allowed, reproduced: all ? judged : false, deviationsOf };
}

/** What is compared of a result. */
interface Comparable extends Pick<AnyResult, "table" | "seeds"> {
  readonly metrics: readonly ComparedMetric[];
  readonly rows: readonly ComparableRow[];
}

interface ComparableRow {
  readonly id: string;
  readonly label: string;
  readonly group?: string;
  readonly metrics: Readonly<Record<string, Summary>>;
  /** All numbers with each seed. */
  readonly perSeed: readonly Readonly<Record<string, number>>[];
}

function comparable(result: AnyResult): Comparable {
  const { table, seeds } = result;
  if (!isOfLanguage(result)) {
    const metrics = shownMetrics.map((id) => ({ id, title: metricTitles[id] }));
    const rows = result.rows.map((row) => ({ ...row, perSeed: row.perSeed.map((values) => ({ ...values })) }));
    return { table, seeds, metrics, rows };
  }
  const rows = result.rows.map(({ details, ...row }) => ({
    ...row,
    metrics: details,
    perSeed: seedsOf(details, seeds),
  }));
  return { table, seeds, metrics: languageMetrics, rows };
}

const languageMetrics: readonly ComparedMetric[] = [
  { id: "score", title: "score" },
  { id: "negative", title: "NFR" },
];

/** The measures of which every seed's value is kept, seed by seed. */
function seedsOf(details: Readonly<Record<string, Summary>>, seeds: readonly number[]): ComparableRow["perSeed"] {
  const named = Object.entries(details).map(
    ([id, { mean, n, values = n === 1 ? [mean] : [] }]) => [id, values] as const,
  );
  const kept = named.filter(([, values]) => values.length === seeds.length);
  return seeds.map((_, seed) => Object.fromEntries(kept.map(([id, values]) => [id, values[seed] ?? Number.NaN])));
}

function isEqualFor(seed: number, run: Comparable, committed: Comparable): boolean {
  const numbersOf = ({ seeds, rows }: Comparable): string | null =>
    seeds.includes(seed) ? JSON.stringify(rows.map(({ id, perSeed }) => [id, perSeed[seeds.indexOf(seed)]])) : null;
  return numbersOf(committed) !== null && numbersOf(run) === numbersOf(committed);
}

function comparedRow(
  { id, label, group, metrics }: ComparableRow,
  committed: readonly ComparableRow[],
  { allowed, equal }: Pick<ResultComparison, "allowed" | "equal">,
): readonly ComparedRow[] {
  const other = committed.find((row) => row.id === id);
  if (other === undefined) return [];
  const values = Object.entries(allowed).flatMap(([metric, limit]): [string, ComparedValue][] => {
    const [own, theirs] = [metrics[metric], other.metrics[metric]];
    if (own === undefined || theirs === undefined) return [];
    const difference = own.mean - theirs.mean;
    const within = equal || (limit === null ? null : Math.abs(difference) <= limit);
    return [[metric, { run: own, committed: theirs, difference, within }]];
  });
  return [{ label, ...(group === undefined ? {} : { group }), metrics: Object.fromEntries(values) }];
}

/**
 * The root mean square of the rows' deviations over seeds, weighted by their degrees of freedom.
 */
function pooledDeviation(results: readonly Comparable[], metric: string): number | null {
  const summaries = results.flatMap(({ rows }) => rows.flatMap(({ metrics }) => metrics[metric] ?? []));
  const freedom = summaries.reduce((sum, { n }) => sum + n - 1, 0);
  const squares = summaries.reduce((sum, { n, sd }) => sum + (n - 1) * (sd ?? 0) ** 2, 0);
  return freedom === 0 ? null : Math.sqrt(squares / freedom);
}
