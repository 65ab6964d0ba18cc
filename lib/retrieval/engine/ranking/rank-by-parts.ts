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
  const states = statesOf(search);
  await measureAll(states, search);
  await countAll(states, search);
  return states.map((state) => (state === null ? null : queryMetrics(state)));
}

/** What a first reading tells of a query: the exact squared distances of its relevant items. */
export type MeasuredMatches = Float64Array | null;

/**
 * The first reading alone, of a piece of a gallery that holds all of `asked`: the distances of each
 * query's relevant items in their order; null for a query without any.
 */
export async function measureByParts(search: Omit<PartialSearch, "onPart">): Promise<readonly MeasuredMatches[]> {
  const states = statesOf(search);
  await measureAll(states, search);
  return states.map((state) => state?.distances ?? null);
}

/** What a second reading tells of a query: see QueryState. Those of all pieces add up. */
export interface CountedOthers {
  readonly counts: Uint32Array;
  readonly shifts: Int32Array;
}

/**
 * The second reading alone, of any piece of a gallery: `measured` are the distances of all relevant
 * items of the whole gallery, wherever they lie.
 */
export async function countByParts(
  search: PartialSearch & { readonly measured: readonly MeasuredMatches[] },
): Promise<readonly (CountedOthers | null)[]> {
  const states = statesOf(search);
  states.forEach((state, index) => {
    state?.distances.set(search.measured[index] ?? []);
  });
  await countAll(states, search);
  return states.map((state) => state && { counts: state.counts, shifts: state.shifts });
}

/** The metrics that follow from both readings of a whole gallery. */
export function metricsOfCounts(measured: Float64Array, { counts, shifts }: CountedOthers): QueryMetrics {
  return queryMetrics({ thresholds: measured.slice().sort(), counts, shifts });
}

type States = readonly (QueryState | null)[];

function statesOf({ asked }: Pick<PartialSearch, "asked">): States {
  return asked.map(({ matches, excluded }) => queryState(matches, excluded));
}

async function measureAll(states: States, { query, readGallery }: Omit<PartialSearch, "onPart">): Promise<void> {
  for await (const part of readGallery()) measurePart(query, states, part);
}

async function countAll(states: States, { query, readGallery, onPart }: PartialSearch): Promise<void> {
  for (const state of states) if (state !== null) sortThresholds(state);
  for await (const part of readGallery()) {
    countPart(query, states, part);
    onPart(part);
  }
}

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
