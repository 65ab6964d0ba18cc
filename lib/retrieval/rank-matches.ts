import type { ApproximateRow, Embeddings } from "./approximate-rows";
import { averagePrecision } from "./average-precision";
import { binOthers } from "./bin-others";
import { cellsBetween, mostCells } from "./cells-between";
import { firstAtLeast } from "./first-at-least";
import { measureMatches } from "./measure-matches";
import { type PrecisionAtR, precisionAtR } from "./precision-at-r";
import { squaredDistance } from "./squared-distance";

/** Where one query's relevant items stand in the gallery sorted by distance; equal distances stand in gallery order. */
export interface Ranking extends PrecisionAtR {
  /** Rank of the nearest relevant item, from 1. */
  readonly firstMatch: number;
  /** scikit-learn's average precision, in [0, 1]; equal distances are one threshold. */
  readonly averagePrecision: number;
}

/** Buffers that successive queries share, for galleries of `rows` items. */
export interface Workspace {
  readonly undecided: Int32Array;
  readonly places: Int32Array;
  readonly bins: Int32Array;
}

/** Fresh buffers. */
export function workspace(rows: number): Workspace {
  return { undecided: new Int32Array(rows), places: new Int32Array(rows), bins: new Int32Array(mostCells) };
}

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
  const distances = measureMatches(embeddings, row, matches);
  const thresholds = distances.slice().sort();
  if (excluded >= 0) row.products[excluded] = Number.NEGATIVE_INFINITY;
  return rankingOf(thresholds, countOthers(embeddings, row, { matches, distances, thresholds }, buffers));
}

/** Relevant items, ascending, their exact squared distances in the same order, and those ascending. */
export interface MeasuredMatches {
  readonly matches: Int32Array;
  readonly distances: Float64Array;
  readonly thresholds: Float64Array;
}

/** How many other items there are up to each match, from the one before it. */
export interface OtherCounts {
  /** By distance, as averagePrecision takes them. */
  readonly counts: Uint32Array;
  /** By rank, as precisionAtR takes them. */
  readonly before: Uint32Array;
}

/** Counts the items of a row from which the matches and what is excluded are taken out. Counts of parts of a gallery add up. */
export function countOthers(
  embeddings: Embeddings,
  row: ApproximateRow,
  measured: MeasuredMatches,
  buffers: Workspace,
): OtherCounts {
  const { thresholds } = measured;
  const cells = cellsBetween(thresholds, row.margin, buffers.bins);
  const counts = new Uint32Array(thresholds.length);
  const pending = binOthers(row, { ...cells, low: cells.low - row.offset }, counts, buffers.undecided);
  const tied = settle(embeddings, row, thresholds, pending, counts, buffers);
  return { counts, before: tied === 0 ? counts : inGalleryOrder(counts, measured, tied, buffers) };
}

/** Where the matches stand, once all others are counted. */
export function rankingOf(thresholds: Float64Array, { counts, before }: OtherCounts): Ranking {
  return {
    firstMatch: (before[0] ?? 0) + 1,
    averagePrecision: averagePrecision(thresholds, counts),
    ...precisionAtR(before),
  };
}

/**
 * Measures the first `pending` undecided items and adds them to `counts`. Keeps those at the distance of a match, in `undecided`,
 * and in `places` that threshold, the first of equals; returns how many.
 */
function settle(
  { gallery, query }: Embeddings,
  row: ApproximateRow,
  thresholds: Float64Array,
  pending: number,
  counts: Uint32Array,
  { undecided, places }: Workspace,
): number {
  let tied = 0;
  for (let i = 0; i < pending; i++) {
    const item = undecided[i] as number;
    const distance = squaredDistance(query, row.query, gallery, item);
    const bin = firstAtLeast(thresholds, distance);
    if (bin === thresholds.length) continue;
    counts[bin] = (counts[bin] as number) + 1;
    if (distance !== thresholds[bin]) continue;
    undecided[tied] = item;
    places[tied++] = bin;
  }
  return tied;
}

/** `counts` with every tied item counted at the first match that it stands before. */
function inGalleryOrder(
  counts: Uint32Array,
  { matches, distances, thresholds }: MeasuredMatches,
  tied: number,
  { undecided, places }: Workspace,
): Uint32Array {
  const order = matches.map((_, k) => k).sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0) || a - b);
  const ranked = order.map((k) => matches[k] ?? -1);
  const before = counts.slice();
  for (let i = 0; i < tied; i++) {
    const first = places[i] as number;
    const end = endOfEquals(thresholds, first);
    const at = first + firstAtLeast(ranked.subarray(first, end), undecided[i] as number);
    before[first] = (before[first] as number) - 1;
    if (at < before.length) before[at] = (before[at] as number) + 1;
  }
  return before;
}

function endOfEquals(ascending: Float64Array, first: number): number {
  let end = first + 1;
  while (end < ascending.length && ascending[end] === ascending[first]) end++;
  return end;
}
