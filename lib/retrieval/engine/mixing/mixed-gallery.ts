import { type ScaledRows, selectScaledRows } from "../../metrics/scaled-rows";
import { type BinRoom, reserveBins } from "../scores/bins";
import type { Sides } from "../scores/blocks";
import { type ExactDistances, exactDistances, type HeldGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";
import type { PlacedRows } from "./counts";

/**
 * A gallery whose rows are replaced step by step, sorted by when they are replaced: a row's
 * position is its place in that order.
 */
interface MixedGallery extends MixedOrder {
  /** The rows before and after their replacement, by position, each with the queries. */
  readonly before: Sides;
  readonly after: Sides;
}

/** Which row stands where and when it is replaced. */
export interface MixedOrder {
  /** The gallery row at each position. */
  readonly items: Int32Array;
  /** The position of each gallery row. */
  readonly positions: Int32Array;
  /**
   * [points] The number of replaced positions at each point. Step s replaces the positions from
   * cuts[s] to cuts[s + 1] - 1.
   */
  readonly cuts: Int32Array;
  /** The step that replaces each position. */
  readonly steps: Int32Array;
}

/** Rows of L2 distance, of which `next` takes the place of `gallery` in the order given. */
interface Mixture {
  readonly gallery: ScaledRows;
  readonly next: ScaledRows;
  readonly query: ScaledRows;
  readonly order: Int32Array;
  readonly points: number;
}

/** Both galleries sorted by `order`. Copies them. */
export function mixedGallery({ gallery, next, query, order, points }: Mixture): MixedGallery {
  const cuts = Int32Array.from({ length: points }, (_, i) => Math.floor((i * order.length) / (points - 1)));
  const positions = new Int32Array(order.length);
  const steps = new Int32Array(order.length);
  order.forEach((item, position) => {
    positions[item] = position;
  });
  for (let s = 0; s + 1 < points; s++) steps.fill(s, cuts[s], cuts[s + 1]);
  return {
    before: { gallery: selectScaledRows(gallery, order), query },
    after: { gallery: selectScaledRows(next, order), query },
    items: order,
    positions,
    cuts,
    steps,
  };
}

/** What the queries of a mixed gallery share. */
export interface MixedSearch {
  readonly order: MixedOrder;
  /** Distances to the rows before their replacement, and after it. */
  readonly exact: readonly [ExactDistances, ExactDistances];
  readonly bins: BinRoom;
  /** Room for the tied rows of one query. */
  readonly ties: PlacedRows;
}

/** A search that is about to begin, for queries of up to `mostMatches` relevant items. */
export function mixedSearch(
  memory: ScoreMemory,
  order: MixedOrder,
  { gallery, next }: { readonly gallery: HeldGallery; readonly next: HeldGallery },
  mostMatches: number,
): MixedSearch {
  const { rows } = gallery;
  return {
    order,
    exact: [exactDistances(memory, gallery, rows), exactDistances(memory, next, rows)],
    bins: reserveBins(memory, rows, 2 * mostMatches),
    ties: { rows: new Int32Array(2 * rows), slots: new Int32Array(2 * rows) },
  };
}
