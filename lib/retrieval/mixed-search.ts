import { type ExactDistances, exactDistances, type HeldGallery } from "./exact-distances";
import type { MixedOrder } from "./mixed-gallery";
import type { PlacedRows } from "./placed-rows";
import { type ScoreBins, scoreBins } from "./score-bins";
import type { ScoreMemory } from "./score-memory";

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
