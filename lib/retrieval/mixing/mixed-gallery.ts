import { type Matrix, selectRows } from "../../core/matrix";
import { type ScoreBins, scoreBins } from "../scores/bins";
import type { Embeddings } from "../scores/blocks";
import { type ExactDistances, exactDistances, type HeldGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";
import type { PlacedRows } from "./counts";

/** A gallery whose rows are replaced step by step, held in the order of replacement: a position is a place in that order. */
export interface MixedGallery extends MixedOrder {
  /** The rows before and after their replacement, by position, with the queries of both. */
  readonly before: Embeddings;
  readonly after: Embeddings;
}

/** Which row stands where and when it is replaced. */
export interface MixedOrder {
  /** The gallery row at each position. */
  readonly items: Int32Array;
  /** The position of each gallery row. */
  readonly positions: Int32Array;
  /** [points] How many positions are replaced at each point; step s replaces from cuts[s] to cuts[s + 1] - 1. */
  readonly cuts: Int32Array;
  /** The step that replaces each position. */
  readonly steps: Int32Array;
}

/** What is mixed: rows of L2 distance, `next` taking the place of `gallery` in the order given. */
interface Mixture {
  readonly gallery: Matrix;
  readonly next: Matrix;
  readonly query: Matrix;
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
    before: { gallery: selectRows(gallery, order), query },
    after: { gallery: selectRows(next, order), query },
    items: order,
    positions,
    cuts,
    steps,
  };
}

/** What the queries of a mixed gallery share. */
export interface MixedSearch {
  readonly order: MixedOrder;
  /** Distances to the rows before their replacement, and after. */
  readonly exact: readonly [ExactDistances, ExactDistances];
  readonly bins: ScoreBins;
  /** Room for the tied rows of one query. */
  readonly room: PlacedRows;
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
    bins: scoreBins(memory, rows, 2 * mostMatches),
    room: { rows: new Int32Array(2 * rows), slots: new Int32Array(2 * rows) },
  };
}
