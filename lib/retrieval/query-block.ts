import { type Matrix, row } from "../core/matrix";
import { approximateRows } from "./approximate-rows";
import { holdGallery } from "./exact-distances";
import {
  countRow,
  measureMatches,
  type QueryState,
  type SearchedPart,
  searchedPart,
  sortThresholds,
} from "./rank-matches";
import { inScoreMemory, type ScoreMemory } from "./score-memory";

/** Consecutive queries that search a gallery of which one part after the other is in memory, twice. */
export interface QueryBlock {
  readonly query: Matrix;
  /** What is known of each query; null for one without a relevant item. */
  readonly states: readonly (QueryState | null)[];
}

/** A part of the gallery, and which row it begins with. */
export interface GalleryPart {
  readonly first: number;
  readonly gallery: Matrix;
}

/** First reading: the exact distances of the relevant items that lie in this part. */
export function measurePart(block: QueryBlock, part: GalleryPart): void {
  inScoreMemory((memory) => {
    const searched = search(memory, block, part);
    block.states.forEach((state, query) => {
      if (state !== null) measureMatches(state, row(block.query, query), searched);
    });
  });
}

/** Between the readings. */
export function sortBlock({ states }: QueryBlock): void {
  for (const state of states) if (state !== null) sortThresholds(state);
}

/** Second reading: counts the other items of this part by the matches they stand before. */
export function countPart(block: QueryBlock, part: GalleryPart): void {
  inScoreMemory((memory) => {
    const searched = search(memory, block, part);
    for (const scored of approximateRows({ gallery: part.gallery, query: block.query }, memory)) {
      const state = block.states[scored.query] ?? null;
      if (state !== null) countRow(state, scored, searched);
    }
  });
}

function search(memory: ScoreMemory, { states }: QueryBlock, { first, gallery }: GalleryPart): SearchedPart {
  const most = states.reduce((count, state) => Math.max(count, state?.matches.length ?? 0), 1);
  return searchedPart(memory, holdGallery(memory, gallery), most, first);
}
