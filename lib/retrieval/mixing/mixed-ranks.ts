import { firstAtLeast } from "../ranking/class-members";
import { averagePrecisionOfCounts } from "../ranking/precision";
import type { ScoreBins } from "../scores/bins";
import { exclude, type ScoredRow, takeOut } from "../scores/block";
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
  /** Against the rows before and after their replacement; overwritten. */
  readonly rows: readonly [ScoredRow, ScoredRow];
  /** Positions of the relevant items, at least one. */
  readonly matches: Int32Array;
  /** A position to leave out, or -1. */
  readonly excluded: number;
}

/** A query's relevant items, before and after their replacement. */
interface MixedMatches {
  /** Their squared distances, ascending: slot k holds distances beyond threshold k - 1 up to threshold k. */
  readonly thresholds: Float64Array;
  readonly counts: StepCounts;
  readonly placed: PlacedRows;
}

/** Measures the relevant items and takes them, and the item to leave out, out of both rows. */
function countMatches({ order, exact }: MixedSearch, query: MixedQuery): MixedMatches {
  const { rows, matches, excluded } = query;
  const { cuts, steps } = order;
  const total = matches.length;
  const distances = new Float64Array(2 * total);
  rows.forEach((row, side) => {
    const measured = (exact[side] as ExactDistances).of(row.asked, matches);
    for (let i = 0; i < total; i++) takeOut(row, matches[i] as number, measured[i] as number);
    distances.set(measured, side * total);
  });
  for (const row of rows) exclude(row, excluded);
  const thresholds = distances.slice().sort();
  const slots = Int32Array.from(distances, (distance) => firstAtLeast(thresholds, distance));
  const counts = stepCounts(cuts.length - 1, slots.length);
  for (let i = 0; i < slots.length; i++) {
    const side = i < total ? counts.before : counts.after;
    const at = (steps[matches[i % total] ?? -1] ?? 0) * slots.length + (slots[i] ?? 0);
    side[at] = (side[at] ?? 0) + 1;
  }
  const placed = Int32Array.from(slots, (_, i) => (i < total ? (matches[i] ?? 0) : ~(matches[i - total] ?? 0)));
  return { thresholds, counts, placed: { rows: placed, slots } };
}

/** A query's other items, before and after their replacement, in the slots between `thresholds`. */
interface MixedOthers {
  readonly counts: StepCounts;
  /** Those at the distance of a relevant item. */
  readonly tied: PlacedRows;
}

/** Counts what `countMatches` has left in the rows. The result holds until the next call with this search. */
function countOthers(
  { order: { cuts }, exact, bins, room }: MixedSearch,
  [old, next]: readonly [ScoredRow, ScoredRow],
  thresholds: Float64Array,
): MixedOthers {
  const counts = stepCounts(cuts.length - 1, thresholds.length);
  const ties = { tied: room, count: 0 };
  bins.setThresholds(thresholds, Math.max(old.margin, next.margin));
  const sides = [
    { row: old, exact: exact[0], counts: counts.before, replaced: false },
    { row: next, exact: exact[1], counts: counts.after, replaced: true },
  ];
  for (const side of sides) countSide(side, cuts, thresholds, bins, ties);
  return { counts, tied: { rows: room.rows.subarray(0, ties.count), slots: room.slots.subarray(0, ties.count) } };
}

/** One of the two searches and where its counts go. */
interface Side {
  readonly row: ScoredRow;
  readonly exact: ExactDistances;
  /** [steps x slots] */
  readonly counts: Uint32Array;
  readonly replaced: boolean;
}

interface Ties {
  readonly tied: PlacedRows;
  count: number;
}

function countSide(side: Side, cuts: Int32Array, thresholds: Float64Array, bins: ScoreBins, ties: Ties): void {
  const { row } = side;
  const width = thresholds.length;
  for (let s = 0; s + 1 < cuts.length; s++) {
    const [first, end] = [cuts[s] as number, cuts[s + 1] as number];
    const counts = side.counts.subarray(s * width, (s + 1) * width);
    const undecided = bins.count({ address: row.address + 4 * first, first, length: end - first }, row, counts);
    const measured = side.exact.of(row.asked, undecided);
    for (let i = 0; i < undecided.length; i++) {
      const slot = settle(measured[i] as number, thresholds, counts);
      if (slot < 0) continue;
      const position = undecided[i] as number;
      ties.tied.rows[ties.count] = side.replaced ? ~position : position;
      ties.tied.slots[ties.count++] = slot;
    }
  }
}

/** Counts an item by its exact distance; the slot of the relevant item at that very distance, or -1. */
function settle(distance: number, thresholds: Float64Array, counts: Uint32Array): number {
  const slot = firstAtLeast(thresholds, distance);
  if (slot === thresholds.length) return -1;
  counts[slot] = (counts[slot] as number) + 1;
  return distance === thresholds[slot] ? slot : -1;
}

/** One query's relevant items in every mixed gallery. */
interface MixedRanks {
  /** [points] Rank of the nearest, from 1; equal distances stand in gallery order. */
  readonly firstMatch: Int32Array;
  /** [points] As `rankMatches` gives it, in [0, 1]. */
  readonly averagePrecision: Float64Array;
}

/**
 * Ranks a query's relevant items in every mixed gallery, exactly. Every row falls into one slot between the distances of relevant
 * items before its replacement, and into one after: a step of replacement only moves counts between slots.
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
