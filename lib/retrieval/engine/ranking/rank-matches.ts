import { firstAtLeast } from "../../../core/class-members";
import { averagePrecision, precisionAtR, type QueryMetrics } from "../../metrics/query-metrics";
import { type BinRoom, binsOf, countScores, reserveBins } from "../scores/bins";
import { exclude, longestPart, removeMeasured, type ScoredRow } from "../scores/block";
import { type AskedRow, type ExactDistances, exactDistances, type HeldGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";

/**
 * A query's relevant items, and the number of others before them in what has been searched so far.
 */
export interface QueryState {
  /** Gallery rows, ascending, at least one. */
  readonly matches: Int32Array;
  /** Gallery row to leave out, or -1. */
  readonly excluded: number;
  /** Exact squared distances of the matches, in their order. */
  readonly distances: Float64Array;
  /** The same, ascending. */
  readonly thresholds: Float64Array;
  /** Others in (threshold k - 1, threshold k]. */
  readonly counts: Uint32Array;
  /**
   * What to add to a count to get the others ranked between match k - 1 and match k: not 0 only if
   * others are at the distance of a match, because those are ranked by gallery order.
   */
  readonly shifts: Int32Array;
}

/** The state before any search; null for a query without a relevant item. */
export function queryState(matches: Int32Array, excluded: number): QueryState | null {
  const { length } = matches;
  if (length === 0) return null;
  return {
    matches,
    excluded,
    distances: new Float64Array(length),
    thresholds: new Float64Array(length),
    counts: new Uint32Array(length),
    shifts: new Int32Array(length),
  };
}

/** Part of a gallery, as a search sees it. */
export interface SearchedPart {
  /** Its first row in the whole gallery, and its number of rows. */
  readonly origin: number;
  readonly rows: number;
  readonly exact: ExactDistances;
  readonly room: BinRoom;
}

/** A part that is about to be searched, for queries of up to `mostMatches` relevant items. */
export function searchedPart(memory: ScoreMemory, gallery: HeldGallery, mostMatches: number, origin = 0): SearchedPart {
  const longest = longestPart(gallery.rows);
  const exact = exactDistances(memory, gallery, Math.max(longest, mostMatches));
  return { origin, rows: gallery.rows, exact, room: reserveBins(memory, longest, mostMatches) };
}

/** Measures the matches that lie in this part. */
export function measureMatches({ matches, distances }: QueryState, query: AskedRow, part: SearchedPart): void {
  const start = firstAtLeast(matches, part.origin);
  const end = firstAtLeast(matches, part.origin + part.rows);
  const inside = matches.subarray(start, end);
  const items = part.origin === 0 ? inside : inside.map((item) => item - part.origin);
  distances.set(part.exact.of(query, items), start);
}

/** To be called once all matches are measured, before anything is counted. */
export function sortThresholds({ distances, thresholds }: QueryState): void {
  thresholds.set(distances);
  thresholds.sort();
}

/**
 * Counts the others in a row of scores of this part. Exact: what the row's margin leaves undecided
 * is measured. Overwrites the row.
 */
export function countRow(state: QueryState, row: ScoredRow, { origin, exact, room }: SearchedPart): void {
  const { matches, distances, thresholds, counts, excluded } = state;
  const start = firstAtLeast(matches, origin + row.first);
  const end = firstAtLeast(matches, origin + row.first + row.scores.length);
  for (let k = start; k < end; k++) removeMeasured(row, (matches[k] as number) - origin, distances[k] as number);
  exclude(row, excluded - origin);
  const range = { address: row.address, first: row.first, length: row.scores.length };
  const undecided = countScores(binsOf(room, thresholds, row.margin), range, row, counts);
  const measured = exact.of(row, undecided);
  for (let i = 0; i < undecided.length; i++) settle(state, origin + (undecided[i] as number), measured[i] as number);
}

/** How well the query is answered, once all others are counted. */
export function queryMetrics({
  thresholds,
  counts,
  shifts,
}: Pick<QueryState, "thresholds" | "counts" | "shifts">): QueryMetrics {
  const before = counts.slice();
  for (let k = 0; k < before.length; k++) before[k] = (before[k] as number) + (shifts[k] as number);
  return {
    firstMatch: (before[0] as number) + 1,
    averagePrecision: averagePrecision(thresholds, counts),
    ...precisionAtR(before),
  };
}

/** Counts an item by its exact distance; at the distance of a match, gallery order decides. */
function settle(state: QueryState, item: number, distance: number): void {
  const { thresholds, counts, shifts } = state;
  const k = firstAtLeast(thresholds, distance);
  if (k === thresholds.length) return;
  counts[k] = (counts[k] as number) + 1;
  if (distance !== thresholds[k]) return;
  shifts[k] = (shifts[k] as number) - 1;
  const behind = k + equalsBefore(state, distance, item);
  if (behind < shifts.length) shifts[behind] = (shifts[behind] as number) + 1;
}

/** The number of matches at that distance that stand before that gallery row. */
function equalsBefore({ matches, distances }: QueryState, distance: number, item: number): number {
  let count = 0;
  for (let k = 0; k < matches.length && (matches[k] as number) < item; k++) if (distances[k] === distance) count++;
  return count;
}
