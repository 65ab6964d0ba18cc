import type { ApproximateRow, Embeddings } from "./approximate-rows";
import { binOthers, type Cells, type Distances } from "./bin-others";
import { cellsBetween, mostCells } from "./cells-between";
import { firstAtLeast } from "./first-at-least";
import type { MixedGallery } from "./mixed-gallery";
import type { PlacedRows } from "./placed-rows";
import { squaredDistance } from "./squared-distance";
import { type StepCounts, stepCounts } from "./step-counts";

/** A query's other items, before and after their replacement, in the slots between `thresholds`. */
export interface MixedOthers {
  readonly counts: StepCounts;
  /** Those at the distance of a relevant item. */
  readonly tied: PlacedRows;
}

/** Buffers that successive queries share, for galleries of `rows` items. */
export interface MixedWorkspace {
  readonly undecided: Int32Array;
  readonly bins: Int32Array;
  readonly tied: PlacedRows;
}

/** Fresh buffers. */
export function mixedWorkspace(rows: number): MixedWorkspace {
  const tied = { rows: new Int32Array(2 * rows), slots: new Int32Array(2 * rows) };
  return { undecided: new Int32Array(rows), bins: new Int32Array(mostCells), tied };
}

/** Counts what `countMatches` has left in the rows. The result holds until the next call with these buffers. */
export function countOthers(
  { before, after, cuts }: MixedGallery,
  [old, next]: readonly [ApproximateRow, ApproximateRow],
  thresholds: Float64Array,
  { undecided, bins, tied }: MixedWorkspace,
): MixedOthers {
  const counts = stepCounts(cuts.length - 1, thresholds.length);
  const cells = cellsBetween(thresholds, Math.max(old.margin, next.margin), bins);
  const ties = { tied, count: 0 };
  const sides = [
    { embeddings: before, row: old, counts: counts.before, replaced: false },
    { embeddings: after, row: next, counts: counts.after, replaced: true },
  ];
  for (const side of sides) countSide(side, cuts, { thresholds, cells }, undecided, ties);
  return { counts, tied: { rows: tied.rows.subarray(0, ties.count), slots: tied.slots.subarray(0, ties.count) } };
}

/** One of the two searches and where its counts go. */
interface Side {
  readonly embeddings: Embeddings;
  readonly row: ApproximateRow;
  /** [steps x slots] */
  readonly counts: Uint32Array;
  readonly replaced: boolean;
}

interface Slots {
  readonly thresholds: Float64Array;
  readonly cells: Cells;
}

interface Ties {
  readonly tied: PlacedRows;
  count: number;
}

function countSide(side: Side, cuts: Int32Array, slots: Slots, undecided: Int32Array, ties: Ties): void {
  const cells = { ...slots.cells, low: slots.cells.low - side.row.offset };
  const width = slots.thresholds.length;
  for (let s = 0; s + 1 < cuts.length; s++) {
    const [from, end] = [cuts[s] ?? 0, cuts[s + 1] ?? 0];
    const counts = side.counts.subarray(s * width, (s + 1) * width);
    const pending = binOthers(part(side.row, from, end), cells, counts, undecided);
    for (let i = 0; i < pending; i++) settle(side, from + (undecided[i] as number), slots.thresholds, counts, ties);
  }
}

function part({ products, norms, weight }: ApproximateRow, from: number, end: number): Distances {
  return { products: products.subarray(from, end), norms: norms.subarray(from, end), weight };
}

/** Measures an undecided item, counts it, and keeps it where it is at the distance of a relevant one. */
function settle(
  { embeddings: { gallery, query }, row, replaced }: Side,
  position: number,
  thresholds: Float64Array,
  counts: Uint32Array,
  ties: Ties,
): void {
  const distance = squaredDistance(query, row.query, gallery, position);
  const slot = firstAtLeast(thresholds, distance);
  if (slot === thresholds.length) return;
  counts[slot] = (counts[slot] as number) + 1;
  if (distance !== thresholds[slot]) return;
  ties.tied.rows[ties.count] = replaced ? ~position : position;
  ties.tied.slots[ties.count++] = slot;
}
