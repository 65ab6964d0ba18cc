import { firstAtLeast } from "../../../core/class-members";
import { averagePrecisionOfCounts } from "../../metrics/query-metrics";
import { type Bins, binsOf, countScores } from "../scores/bins";
import { exclude, removeMeasured, type ScoredRow } from "../scores/block";
import type { ExactDistances } from "../scores/exact-distances";
import {
  countBehind,
  firstPlaced,
  type PlacedRows,
  replaceStep,
  type StepCounts,
  stepCounts,
  unreplaced,
} from "./counts";
import type { MixedSearch } from "./mixed-gallery";

/** A query against both galleries. */
interface MixedQuery {
  /** Its scores against the rows before and after their replacement; overwritten. */
  readonly rows: readonly [ScoredRow, ScoredRow];
  /** Positions of the relevant items, at least one. */
  readonly matches: Int32Array;
  /** A position to leave out, or -1. */
  readonly excluded: number;
}

/** One query's relevant items in every mixed gallery. */
interface MixedRanks {
  /** [points] Rank of the nearest, from 1; equal distances stand in gallery order. */
  readonly firstMatch: Int32Array;
  /** [points] scikit-learn's average precision, in [0, 1]. */
  readonly averagePrecision: Float64Array;
}

/**
 * Ranks a query's relevant items in every mixed gallery, exactly. The distances of the relevant
 * items are thresholds: slot k holds distances beyond threshold k - 1 up to threshold k. Every row
 * falls into one slot before its replacement and one after it, so a step of replacement only moves
 * counts between slots.
 */
export function rankInMixtures(search: MixedSearch, query: MixedQuery): MixedRanks {
  const { cuts, items } = search.order;
  const matches = countMatches(search, query);
  const others = countOthers(search, query.rows, matches.thresholds);
  const found = unreplaced(matches.counts);
  const rest = unreplaced(others.counts);
  const firstMatch = new Int32Array(cuts.length);
  const averagePrecision = new Float64Array(cuts.length);
  cuts.forEach((cut, point) => {
    if (point > 0) {
      replaceStep(found, matches.counts, point - 1);
      replaceStep(rest, others.counts, point - 1);
    }
    averagePrecision[point] = averagePrecisionOfCounts(found, rest, query.matches.length);
    const slot = found.findIndex((count) => count > 0);
    const nearest = others.tied.rows.length === 0 ? 0 : firstPlaced(matches.placed, slot, cut, items);
    firstMatch[point] = 1 + sumUpTo(rest, slot) - countBehind(others.tied, slot, cut, items, nearest);
  });
  return { firstMatch, averagePrecision };
}

function sumUpTo(counts: Uint32Array, last: number): number {
  let sum = 0;
  for (let k = 0; k <= last; k++) sum += counts[k] as number;
  return sum;
}

/** A query's relevant items, before and after their replacement. */
interface MixedMatches {
  /** Their squared distances, ascending. */
  readonly thresholds: Float64Array;
  readonly counts: StepCounts;
  readonly placed: PlacedRows;
}

/** Measures the relevant items, and removes them and the excluded item from both rows. */
function countMatches({ order, exact }: MixedSearch, query: MixedQuery): MixedMatches {
  const { rows, matches, excluded } = query;
  const { cuts, steps } = order;
  const total = matches.length;
  const distances = new Float64Array(2 * total);
  rows.forEach((row, side) => {
    const measured = (exact[side] as ExactDistances).of(row, matches);
    for (let i = 0; i < total; i++) removeMeasured(row, matches[i] as number, measured[i] as number);
    distances.set(measured, side * total);
  });
  for (const row of rows) exclude(row, excluded);
  const thresholds = distances.slice().sort();
  const slots = Int32Array.from(distances, (distance) => firstAtLeast(thresholds, distance));
  const counts = stepCounts(cuts.length - 1, slots.length);
  for (let i = 0; i < slots.length; i++) {
    const side = i < total ? counts.before : counts.after;
    const at = (steps[matches[i % total] as number] as number) * slots.length + (slots[i] as number);
    side[at] = (side[at] as number) + 1;
  }
  const placed = Int32Array.from(slots, (_, i) =>
    i < total ? (matches[i] as number) : ~(matches[i - total] as number),
  );
  return { thresholds, counts, placed: { rows: placed, slots } };
}

/** A query's other items, before and after their replacement. */
interface MixedOthers {
  readonly counts: StepCounts;
  /** Those at the distance of a relevant item. */
  readonly tied: PlacedRows;
}

/** Counts what `countMatches` has left in the rows. Holds until the next call with this search. */
function countOthers(
  { order: { cuts }, exact, bins: room, ties }: MixedSearch,
  [old, next]: readonly [ScoredRow, ScoredRow],
  thresholds: Float64Array,
): MixedOthers {
  const counts = stepCounts(cuts.length - 1, thresholds.length);
  const bins = binsOf(room, thresholds, Math.max(old.margin, next.margin));
  const sides = [
    { row: old, exact: exact[0], counts: counts.before, replaced: false },
    { row: next, exact: exact[1], counts: counts.after, replaced: true },
  ];
  const tied = sides.reduce((count, side) => countSide(side, cuts, thresholds, bins, { ...ties, count }), 0);
  return { counts, tied: { rows: ties.rows.subarray(0, tied), slots: ties.slots.subarray(0, tied) } };
}

/** One of the two searches and where its counts go. */
interface Side {
  readonly row: ScoredRow;
  readonly exact: ExactDistances;
  /** [steps x slots] */
  readonly counts: Uint32Array;
  readonly replaced: boolean;
}

/** Room for tied rows, and how many there are. */
interface Ties extends PlacedRows {
  readonly count: number;
}

/** Counts one side step by step; returns the number of tied rows after it. */
function countSide(side: Side, cuts: Int32Array, thresholds: Float64Array, bins: Bins, ties: Ties): number {
  const { row } = side;
  const width = thresholds.length;
  let tied = ties.count;
  for (let s = 0; s + 1 < cuts.length; s++) {
    const [first, end] = [cuts[s] as number, cuts[s + 1] as number];
    const counts = side.counts.subarray(s * width, (s + 1) * width);
    const range = { address: row.address + 4 * first, first, length: end - first };
    const undecided = countScores(bins, range, row, counts);
    const measured = side.exact.of(row, undecided);
    for (let i = 0; i < undecided.length; i++) {
      const slot = settle(measured[i] as number, thresholds, counts);
      if (slot < 0) continue;
      const position = undecided[i] as number;
      ties.rows[tied] = side.replaced ? ~position : position;
      ties.slots[tied++] = slot;
    }
  }
  return tied;
}

/**
 * Counts an item by its exact distance; the slot of the relevant item at that very distance, or -1.
 */
function settle(distance: number, thresholds: Float64Array, counts: Uint32Array): number {
  const slot = firstAtLeast(thresholds, distance);
  if (slot === thresholds.length) return -1;
  counts[slot] = (counts[slot] as number) + 1;
  return distance === thresholds[slot] ? slot : -1;
}
