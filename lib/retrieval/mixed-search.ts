import type { Embeddings } from "./approximate-rows";
import { type ExactDistances, exactDistances, holdGallery } from "./exact-distances";
import type { MixedGallery } from "./mixed-gallery";
import type { PlacedRows } from "./placed-rows";
import { type ScoreBins, scoreBins } from "./score-bins";
import type { ScoreMemory } from "./score-memory";

/** What the queries of a mixed gallery share. */
export interface MixedSearch {
  readonly gallery: MixedGallery;
  /** Distances to the rows before their replacement, and after. */
  readonly exact: readonly [ExactDistances, ExactDistances];
  readonly bins: ScoreBins;
  /** Room for the tied rows of one query. */
  readonly room: PlacedRows;
}

/** A search that is about to begin, for queries of up to `mostMatches` relevant items. */
export function mixedSearch(memory: ScoreMemory, gallery: MixedGallery, mostMatches: number): MixedSearch {
  const { before, after, items } = gallery;
  const rows = items.length;
  const of = ({ gallery: held }: Embeddings): ExactDistances => exactDistances(memory, holdGallery(memory, held), rows);
  return {
    gallery,
    exact: [of(before), of(after)],
    bins: scoreBins(memory, rows, 2 * mostMatches),
    room: { rows: new Int32Array(2 * rows), slots: new Int32Array(2 * rows) },
  };
}
