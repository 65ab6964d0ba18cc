import { row } from "../../../core/matrix";
import type { QueryMetrics } from "../../metrics/query-metrics";
import { factorOf, type ScaledRows } from "../../metrics/scaled-rows";
import { inScoreMemory } from "../kept/between-searches";
import { scoredRows } from "../scores/blocks";
import { holdGallery } from "../scores/exact-distances";
import type { ScoreMemory } from "../scores/memory";
import {
  countRow,
  measureMatches,
  type QueryState,
  queryMetrics,
  queryState,
  type SearchedPart,
  searchedPart,
  sortThresholds,
} from "./rank-matches";

/** Queries that search a gallery of which one part after the other is in memory. */
export interface PartialSearch {
  readonly query: ScaledRows;
  /** For each query its relevant gallery rows, ascending, and a row to leave out, or -1. */
  readonly asked: readonly { readonly matches: Int32Array; readonly excluded: number }[];
  /** Reads the gallery from its first part to its last; called twice. */
  readonly readGallery: () => AsyncIterable<GalleryPart>;
  /** Is told of each part after its second reading. */
  readonly onPart: (part: GalleryPart) => void;
}

/** A part of a gallery, and the gallery row it begins with. */
interface GalleryPart {
  readonly first: number;
  readonly gallery: ScaledRows;
}

/**
 * The metrics of every query; null for one without a relevant item. The gallery is read twice:
 * first to measure the relevant items, then to count the others before them.
 */
export async function rankByParts(search: PartialSearch): Promise<readonly (QueryMetrics | null)[]> {
  const { query, asked, readGallery, onPart } = search;
  const states = asked.map(({ matches, excluded }) => queryState(matches, excluded));
  for await (const part of readGallery()) measurePart(query, states, part);
  for (const state of states) if (state !== null) sortThresholds(state);
  for await (const part of readGallery()) {
    countPart(query, states, part);
    onPart(part);
  }
  return states.map((state) => (state === null ? null : queryMetrics(state)));
}

type States = readonly (QueryState | null)[];

/** First reading: the exact distances of the relevant items that lie in this part. */
function measurePart(query: ScaledRows, states: States, part: GalleryPart): void {
  inScoreMemory((memory) => {
    const searched = partIn(memory, states, part);
    states.forEach((state, index) => {
      if (state !== null) measureMatches(state, { asked: row(query, index), factor: factorOf(query, index) }, searched);
    });
  });
}

/** Second reading: counts the other items of this part by the matches they stand before. */
function countPart(query: ScaledRows, states: States, part: GalleryPart): void {
  inScoreMemory((memory) => {
    const searched = partIn(memory, states, part);
    for (const scored of scoredRows({ gallery: part.gallery, query }, memory)) {
      const state = states[scored.query] ?? null;
      if (state !== null) countRow(state, scored, searched);
    }
  });
}

function partIn(memory: ScoreMemory, states: States, { first, gallery }: GalleryPart): SearchedPart {
  const most = states.reduce((count, state) => Math.max(count, state?.matches.length ?? 0), 1);
  return searchedPart(memory, holdGallery(memory, gallery), most, first);
}
