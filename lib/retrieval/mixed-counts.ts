import type { ApproximateRow, Embeddings } from "./approximate-rows";
import { binOthers } from "./bin-others";
import { cellsBetween, mostCells } from "./cells-between";
import { firstAtLeast } from "./first-at-least";
import { measureMatches } from "./measure-matches";
import type { MixedGallery } from "./mixed-gallery";
import type { PlacedRows } from "./placed-rows";
import { squaredDistance } from "./squared-distance";
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

/** The other items of the same query. */
export interface MixedOthers {
  readonly counts: StepCounts;
  /** Those at the distance of a relevant item. */
  readonly tied: PlacedRows;
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
  { rows: [old, next] }: MixedQuery,
  thresholds: Float64Array,
  buffers: MixedWorkspace,
): MixedOthers {
  const counts = stepCounts(cuts.length - 1, thresholds.length);
  const cells = cellsBetween(thresholds, Math.max(old.margin, next.margin), buffers.bins);
  const count = (side: Side, into: Uint32Array, tied: number): number => {
    const sideCells = { ...cells, low: cells.low - side.row.offset };
    let end = tied;
    for (let s = 0; s + 1 < cuts.length; s++) {
      const [from, to] = [cuts[s] ?? 0, cuts[s + 1] ?? 0];
      const step = into.subarray(s * thresholds.length, (s + 1) * thresholds.length);
      const pending = binOthers(part(side.row, from, to), sideCells, step, buffers.undecided);
      end = settle(side, thresholds, from, buffers.undecided.subarray(0, pending), step, buffers.tied, end);
    }
    return end;
  };
  const tiedBefore = count({ embeddings: before, row: old, replaced: false }, counts.before, 0);
  const tied = count({ embeddings: after, row: next, replaced: true }, counts.after, tiedBefore);
  return { counts, tied: { rows: buffers.tied.rows.subarray(0, tied), slots: buffers.tied.slots.subarray(0, tied) } };
}

/** One of the two searches. */
interface Side {
  readonly embeddings: Embeddings;
  readonly row: ApproximateRow;
  readonly replaced: boolean;
}

function part({ products, norms, weight }: ApproximateRow, from: number, end: number): Parameters<typeof binOthers>[0] {
  return { products: products.subarray(from, end), norms: norms.subarray(from, end), weight };
}

/** Measures undecided items, counted from position `from`, adds them to `counts` and the ties to `tied` from `end` on; returns their end. */
function settle(
  { embeddings: { gallery, query }, row, replaced }: Side,
  thresholds: Float64Array,
  from: number,
  undecided: Int32Array,
  counts: Uint32Array,
  tied: PlacedRows,
  end: number,
): number {
  let next = end;
  for (let i = 0; i < undecided.length; i++) {
    const position = from + (undecided[i] as number);
    const distance = squaredDistance(query, row.query, gallery, position);
    const slot = firstAtLeast(thresholds, distance);
    if (slot === thresholds.length) continue;
    counts[slot] = (counts[slot] as number) + 1;
    if (distance !== thresholds[slot]) continue;
    tied.rows[next] = replaced ? ~position : position;
    tied.slots[next++] = slot;
  }
  return next;
}
