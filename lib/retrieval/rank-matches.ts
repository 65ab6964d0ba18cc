import type { ApproximateRow, Embeddings } from "./approximate-rows";
import { averagePrecision } from "./average-precision";
import { binOthers, type Cells } from "./bin-others";
import { squaredDistance } from "./squared-distance";

/** Where one query's relevant items stand in the gallery sorted by distance. */
export interface Ranking {
  /** Rank of the nearest relevant item, from 1; equal distances stand in gallery order. */
  readonly firstMatch: number;
  /** scikit-learn's average precision, in [0, 1]; equal distances are one threshold. */
  readonly averagePrecision: number;
}

/** Buffers that successive queries share, for galleries of `rows` items. */
export interface Workspace {
  readonly undecided: Int32Array;
  readonly bins: Int32Array;
}

/** Fresh buffers. */
export function workspace(rows: number): Workspace {
  return { undecided: new Int32Array(rows), bins: new Int32Array(mostCells) };
}

const mostCells = 2 ** 15;
const fewestCells = 2 ** 9;
const cellsPerMatch = 16;

/**
 * Ranks the items `matches` (gallery indices, ascending, at least one) of the query that `row` holds; `excluded` is an index to
 * leave out, or -1. Exact: only what the row's margin leaves undecided is measured again. Overwrites row.products.
 */
export function rankMatches(
  embeddings: Embeddings,
  row: ApproximateRow,
  matches: Int32Array,
  excluded: number,
  buffers: Workspace,
): Ranking {
  const { thresholds, nearest } = measureMatches(embeddings, row, matches);
  if (excluded >= 0) row.products[excluded] = Number.NEGATIVE_INFINITY;
  const counts = new Uint32Array(thresholds.length);
  const pending = binOthers(row, cellsBetween(thresholds, row, buffers.bins), counts, buffers.undecided);
  const undecided = buffers.undecided.subarray(0, pending);
  const before = (counts[0] ?? 0) + settle(embeddings, row, { thresholds, nearest }, undecided, counts);
  return { firstMatch: before + 1, averagePrecision: averagePrecision(thresholds, counts) };
}

interface Matches {
  /** Exact squared distances, ascending. */
  readonly thresholds: Float64Array;
  /** Gallery index of the nearest, the first of equals. */
  readonly nearest: number;
}

/** Measures the relevant items and takes them out of the row, which then holds the others alone. */
function measureMatches({ gallery, query }: Embeddings, row: ApproximateRow, matches: Int32Array): Matches {
  const thresholds = new Float64Array(matches.length);
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  matches.forEach((item, k) => {
    const distance = squaredDistance(query, row.query, gallery, item);
    if (!(Math.abs(approximation(row, item) - distance) <= row.margin)) throw new Error(imprecise(row, item, distance));
    thresholds[k] = distance;
    row.products[item] = Number.NEGATIVE_INFINITY;
    if (distance < least) {
      least = distance;
      nearest = item;
    }
  });
  return { thresholds: thresholds.sort(), nearest };
}

function approximation({ offset, norms, weight, products }: ApproximateRow, item: number): number {
  return offset + (norms[item] as number) - weight * (products[item] as number);
}

function imprecise(row: ApproximateRow, item: number, distance: number): string {
  return (
    `squared distance of query ${row.query} and gallery row ${item}: the matrix product says ${approximation(row, item)}, ` +
    `its rows say ${distance}; allowed is a difference of ${row.margin}. Is TensorFlow set to reduced precision?`
  );
}

/** Cells from the first threshold to the last, with room for rounding on both sides. */
function cellsBetween(thresholds: Float64Array, { offset, margin }: ApproximateRow, buffer: Int32Array): Cells {
  const count = Math.min(
    Math.max(2 ** Math.ceil(Math.log2(cellsPerMatch * thresholds.length)), fewestCells),
    mostCells,
  );
  // A hundredth more, for the rounding of the cells themselves.
  const slack = 1.01 * margin;
  const first = (thresholds[0] ?? 0) - slack;
  const last = (thresholds[thresholds.length - 1] ?? 0) + slack;
  const scale = count / (last - first);
  const lower = thresholds.map((threshold) => (threshold - slack - first) * scale);
  const upper = thresholds.map((threshold) => (threshold + slack - first) * scale);
  // The last cell is open above: what is found in it was let in by a comparison with `count`.
  upper[upper.length - 1] = Number.POSITIVE_INFINITY;
  return { low: first - offset, scale, lower, upper, bins: fillBins(lower, upper, buffer.subarray(0, count)) };
}

function fillBins(lower: Float64Array, upper: Float64Array, bins: Int32Array): Int32Array {
  let cell = 0;
  for (let k = 0; k < lower.length; k++) {
    const from = Math.min(Math.floor(lower[k] as number), bins.length);
    const end = Math.min(Math.floor(upper[k] as number) + 1, bins.length);
    while (cell < from) bins[cell++] = k;
    while (cell < end) bins[cell++] = ~k;
  }
  return bins;
}

/** Measures the undecided items and adds them to `counts`; returns how many of them stand before the nearest match. */
function settle(
  { gallery, query }: Embeddings,
  row: ApproximateRow,
  { thresholds, nearest }: Matches,
  undecided: Int32Array,
  counts: Uint32Array,
): number {
  let before = 0;
  for (let i = 0; i < undecided.length; i++) {
    const item = undecided[i] as number;
    const distance = squaredDistance(query, row.query, gallery, item);
    const bin = firstAtLeast(thresholds, distance);
    if (bin === thresholds.length) continue;
    counts[bin] = (counts[bin] as number) + 1;
    if (bin === 0 && (distance !== thresholds[0] || item < nearest)) before++;
  }
  return before;
}

/** Index of the first value that is at least `bound`; the length if there is none. */
function firstAtLeast(ascending: Float64Array, bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
