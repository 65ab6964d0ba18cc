import type { ApproximateRow } from "./approximate-rows";
import { firstAtLeast } from "./first-at-least";
import { measureMatches } from "./measure-matches";
import type { MixedGallery } from "./mixed-gallery";
import type { PlacedRows } from "./placed-rows";
import { type StepCounts, stepCounts } from "./step-counts";

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
export function countMatches({ before, after, cuts, steps }: MixedGallery, query: MixedQuery): MixedMatches {
  const { rows, matches, excluded } = query;
  const total = matches.length;
  const distances = new Float64Array(2 * total);
  distances.set(measureMatches(before, rows[0], matches));
  distances.set(measureMatches(after, rows[1], matches), total);
  if (excluded >= 0) for (const { products } of rows) products[excluded] = Number.NEGATIVE_INFINITY;
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
