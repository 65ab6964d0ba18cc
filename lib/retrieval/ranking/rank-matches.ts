import { type ScoreBins, scoreBins } from "../scores/bins";
import { exclude, longestPart, type ScoredRow, takeOut } from "../scores/block";
import { type ExactDistances, exactDistances, type HeldGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";
import { firstAtLeast } from "./class-members";
import { averagePrecision, type PrecisionAtR, precisionAtR } from "./precision";

/** Where one query's relevant items stand in the gallery sorted by distance; equal distances stand in gallery order. */
export interface Ranking extends PrecisionAtR {
  /** Rank of the nearest relevant item, from 1. */
  readonly firstMatch: number;
  /** scikit-learn's average precision, in [0, 1]; equal distances are one threshold. */
  readonly averagePrecision: number;
}

/** A query's relevant items and how many others stand before them, as far as the gallery was searched. */
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
  /** What to add to get those ranked between match k - 1 and match k: not 0 where others are at the distance of a match. */
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
  /** Its first row among all of the gallery, and how many it has. */
  readonly origin: number;
  readonly rows: number;
  readonly exact: ExactDistances;
  readonly bins: ScoreBins;
}

/** A part of which a search is about to begin, for queries of up to `mostMatches` relevant items. */
export function searchedPart(memory: ScoreMemory, gallery: HeldGallery, mostMatches: number, origin = 0): SearchedPart {
  const longest = longestPart(gallery.rows);
  const exact = exactDistances(memory, gallery, Math.max(longest, mostMatches));
  return { origin, rows: gallery.rows, exact, bins: scoreBins(memory, longest, mostMatches) };
}

/** Measures the matches that lie in this part. `asked`: the query's values. */
export function measureMatches({ matches, distances }: QueryState, asked: Float32Array, part: SearchedPart): void {
  const start = firstAtLeast(matches, part.origin);
  const end = firstAtLeast(matches, part.origin + part.rows);
  const inside = matches.subarray(start, end);
  const items = part.origin === 0 ? inside : inside.map((item) => item - part.origin);
  distances.set(part.exact.of(asked, items), start);
}

/** Once all matches are measured, and before anything is counted. */
export function sortThresholds({ distances, thresholds }: QueryState): void {
  thresholds.set(distances);
  thresholds.sort();
}

/**
 * Counts the others in a row of a search of this part. Exact: only what the row's margin leaves undecided is measured. Overwrites the row.
 */
export function countRow(state: QueryState, row: ScoredRow, { origin, exact, bins }: SearchedPart): void {
  const { matches, distances, thresholds, counts, excluded } = state;
  const start = firstAtLeast(matches, origin + row.first);
  const end = firstAtLeast(matches, origin + row.first + row.scores.length);
  for (let k = start; k < end; k++) takeOut(row, (matches[k] as number) - origin, distances[k] as number);
  exclude(row, excluded - origin);
  bins.setThresholds(thresholds, row.margin);
  const range = { address: row.address, first: row.first, length: row.scores.length };
  const undecided = bins.count(range, row, counts);
  const measured = exact.of(row.asked, undecided);
  for (let i = 0; i < undecided.length; i++) settle(state, origin + (undecided[i] as number), measured[i] as number);
}

/** Where the matches stand, once all others are counted. */
export function rankingOf({ thresholds, counts, shifts }: QueryState): Ranking {
  const before = counts.slice();
  for (let k = 0; k < before.length; k++) before[k] = (before[k] as number) + (shifts[k] as number);
  return {
    firstMatch: (before[0] as number) + 1,
    averagePrecision: averagePrecision(thresholds, counts),
    ...precisionAtR(before),
  };
}

/** Counts an item by its exact distance; one at the distance of a match is ranked by gallery order. */
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

/** How many matches at that distance stand before that gallery row. */
function equalsBefore({ matches, distances }: QueryState, distance: number, item: number): number {
  let count = 0;
  for (let k = 0; k < matches.length && (matches[k] as number) < item; k++) if (distances[k] === distance) count++;
  return count;
}
