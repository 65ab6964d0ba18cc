import type { ExactDistances } from "./exact-distances";
import { firstAtLeast } from "./first-at-least";
import type { MixedSearch } from "./mixed-search";
import type { PlacedRows } from "./placed-rows";
import type { ApproximateRow } from "./score-block";
import { type StepCounts, stepCounts } from "./step-counts";
import { exclude, takeOut } from "./take-out";

/** A query against both galleries. */
export interface MixedQuery {
  /** Against the rows before and after their replacement; overwritten. */
  readonly rows: readonly [ApproximateRow, ApproximateRow];
  /** Positions of the relevant items, at least one. */
  readonly matches: Int32Array;
  /** A position to leave out, or -1. */
  readonly excluded: number;
}

/** A query's relevant items, before and after their replacement. */
export interface MixedMatches {
  /** Their squared distances, ascending: slot k holds distances beyond threshold k - 1 up to threshold k. */
  readonly thresholds: Float64Array;
  readonly counts: StepCounts;
  readonly placed: PlacedRows;
}

/** Measures the relevant items and takes them, and the item to leave out, out of both rows. */
export function countMatches({ order, exact }: MixedSearch, query: MixedQuery): MixedMatches {
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
