import { type ClusterSums, seedMeans } from "./cluster-sums";
import { quantile } from "./quantile";
import { studentCdf, studentQuantile } from "./student";
import { type Draws, resampledMeans, twoLevelDraws } from "./two-level";

/** The two ends of an interval. */
export type Interval = readonly [low: number, high: number];

/**
 * An estimated quantity: a mean over seeds, or the ratio of two such means. What follows from it,
 * intervals and tests, takes the more cautious of two views: the percentiles of resampled seeds and
 * classes, and, from two seeds on, Student's t over the seeds. Few resampled seeds spread too
 * little (of three, by a factor of 2.7 at 95 %), and t alone knows nothing of the classes.
 */
export interface Estimated {
  readonly value: number;
  /** By seed; the denominators of a mean are 1. */
  readonly numerators: readonly number[];
  readonly denominators: readonly number[];
  /** Ascending; null if there is only one seed, and nothing is known of its queries. */
  readonly resampled: Float64Array | null;
}

const usual = new Map<string, Draws>();

/** The usual draws for a sample, made once for each size of samples. */
export function drawsFor({ seeds, clusters }: ClusterSums): Draws {
  const size = `${seeds} x ${clusters}`;
  const draws = usual.get(size) ?? twoLevelDraws({ seeds, clusters });
  usual.set(size, draws);
  return draws;
}

/**
 * The mean of a sample over its seeds; `draws` are those of `twoLevelDraws`, null for an estimate
 * from the seeds alone.
 */
export function estimatedMean(sample: ClusterSums, draws: Draws | null): Estimated {
  const numerators = seedMeans(sample);
  const denominators = numerators.map(() => 1);
  const means = draws === null || !hasSpread(sample) ? null : ascendingMeans(sample, draws);
  return { value: meanOf(numerators), numerators, denominators, resampled: means };
}

/**
 * The ratio of the means of two samples, from the same resamples; null, which means that there is
 * no gap, unless the interval of the denominator lies above zero. Without an interval the
 * denominator itself must.
 */
export function estimatedRatio(
  numerator: ClusterSums,
  denominator: ClusterSums,
  draws: Draws | null,
): Estimated | null {
  const below = estimatedMean(denominator, draws);
  if (!((interval(below)?.[0] ?? below.value) > 0)) return null;
  const [numerators, denominators] = [seedMeans(numerator), below.numerators];
  const value = meanOf(numerators) / below.value;
  if (draws === null || !hasSpread(numerator)) return { value, numerators, denominators, resampled: null };
  const of = resampledMeans(denominator, draws);
  const resampled = resampledMeans(numerator, draws).map((each, i) => each / (of[i] as number));
  return { value, numerators, denominators, resampled: ascending(resampled) };
}

/** Sorted, without resamples of no mean: the classes that they drew have only skipped queries. */
function ascending(resampled: Float64Array): Float64Array {
  const sorted = resampled.slice().sort();
  // What is no number comes last.
  let length = sorted.length;
  while (length > 0 && Number.isNaN(sorted[length - 1])) length--;
  return length === sorted.length ? sorted : sorted.slice(0, length);
}

const sortedMeans = new WeakMap<Float64Array, Float64Array>();

/** The means of a sample, sorted once: the gap of a table is the denominator of many shares. */
function ascendingMeans(sample: ClusterSums, draws: Draws): Float64Array {
  const means = resampledMeans(sample, draws);
  const sorted = sortedMeans.get(means) ?? ascending(means);
  sortedMeans.set(means, sorted);
  return sorted;
}

function hasSpread({ seeds, clusters }: ClusterSums): boolean {
  return seeds > 1 || clusters > 1;
}

/** The interval at a level, the wider of the two views at each end; null if there is none. */
export function interval(estimated: Estimated, level: number = 0.95): Interval | null {
  const { resampled } = estimated;
  const tail = (1 - level) / 2;
  const drawn: Interval | null = resampled === null ? null : [quantile(resampled, tail), quantile(resampled, 1 - tail)];
  const student = studentInterval(estimated, level);
  if (drawn === null || student === null) return drawn ?? student;
  return [Math.min(drawn[0], student[0]), Math.max(drawn[1], student[1])];
}

/**
 * Student's interval over the seeds; for a ratio Fieller's: the bounds r at which the mean of
 * numerator - r denominator does not differ from zero. Null with one seed.
 */
function studentInterval({ value, numerators, denominators }: Estimated, level: number = 0.95): Interval | null {
  const n = numerators.length;
  if (n < 2) return null;
  const square = studentQuantile((1 + level) / 2, n - 1) ** 2 / n;
  const [above, below] = [meanOf(numerators), meanOf(denominators)];
  const a = below ** 2 - square * covariance(denominators, denominators);
  const b = above * below - square * covariance(numerators, denominators);
  const c = above ** 2 - square * covariance(numerators, numerators);
  // The set is unbounded if the denominator may be zero.
  if (!(a > 0)) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const root = Math.sqrt(Math.max(0, b * b - a * c));
  return [Math.min(value, (b - root) / a), Math.max(value, (b + root) / a)];
}

/** One-sided p-values by each of the two views; null for one that is missing. */
interface Tails {
  readonly drawn: number | null;
  readonly student: number | null;
  /** Student's t, NaN with one seed. */
  readonly t: number;
}

/** The two tests against "the value is at most `bound`". */
export function tailsAbove({ resampled, numerators, denominators }: Estimated, bound: number): Tails {
  const drawn = resampled === null ? null : (1 + countUpTo(resampled, bound)) / (resampled.length + 1);
  const apart = numerators.map((value, seed) => value - bound * (denominators[seed] as number));
  const t = tValue(apart);
  return { drawn, student: apart.length < 2 ? null : studentCdf(-t, apart.length - 1), t };
}

/**
 * The one-sided p-value against "the value is at most `bound`": the larger one of the two views;
 * null if there is neither.
 */
export function pAbove(estimated: Estimated, bound: number): number | null {
  const { drawn, student } = tailsAbove(estimated, bound);
  return drawn === null || student === null ? (drawn ?? student) : Math.max(drawn, student);
}

/** The one-sided p-value against "the value is at least `bound`". */
export function pBelow(estimated: Estimated, bound: number): number | null {
  return pAbove(mirrored(estimated), -bound);
}

/** The same quantity with the other sign. */
export function mirrored({ value, numerators, denominators, resampled }: Estimated): Estimated {
  return {
    value: -value,
    numerators: numerators.map((each) => -each),
    denominators,
    resampled: resampled?.map((each) => -each).reverse() ?? null,
  };
}

/**
 * Two one-sided tests (Schuirmann): the p-value against "the value is `margin` or more away from
 * `target`".
 */
export function pWithin(estimated: Estimated, target: number, margin: number): number | null {
  const [low, high] = [pAbove(estimated, target - margin), pBelow(estimated, target + margin)];
  return low === null || high === null ? null : Math.max(low, high);
}

function countUpTo(ascending: Float64Array, bound: number): number {
  const first = ascending.findIndex((value) => value > bound);
  return first < 0 ? ascending.length : first;
}

function tValue(values: readonly number[]): number {
  const mean = meanOf(values);
  return mean === 0 ? 0 : mean / Math.sqrt(covariance(values, values) / values.length);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sample covariance, with n - 1 in the denominator. */
function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  return a.reduce((sum, value, i) => sum + (value - meanA) * ((b[i] as number) - meanB), 0) / (a.length - 1);
}
