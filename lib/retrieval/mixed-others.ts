import type { ExactDistances } from "./exact-distances";
import { firstAtLeast } from "./first-at-least";
import type { MixedSearch } from "./mixed-search";
import type { PlacedRows } from "./placed-rows";
import type { ScoreBins } from "./score-bins";
import type { ApproximateRow } from "./score-block";
import { type StepCounts, stepCounts } from "./step-counts";

/** A query's other items, before and after their replacement, in the slots between `thresholds`. */
export interface MixedOthers {
  readonly counts: StepCounts;
  /** Those at the distance of a relevant item. */
  readonly tied: PlacedRows;
}

/** Counts what `countMatches` has left in the rows. The result holds until the next call with this search. */
export function countOthers(
  { order: { cuts }, exact, bins, room }: MixedSearch,
  [old, next]: readonly [ApproximateRow, ApproximateRow],
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
  readonly row: ApproximateRow;
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
