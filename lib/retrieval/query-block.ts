import type { Matrix } from "../core/matrix";
import { approximateRows } from "./approximate-rows";
import { firstAtLeast } from "./first-at-least";
import { measureMatches } from "./measure-matches";
import {
  countOthers,
  type MeasuredMatches,
  type OtherCounts,
  type Ranking,
  rankingOf,
  workspace,
} from "./rank-matches";
import { squaredDistance } from "./squared-distance";

/** Consecutive queries that search a gallery of which one part after the other is in memory, twice. */
export interface QueryBlock {
  /** Row of the first query among all. */
  readonly first: number;
  readonly query: Matrix;
  /** What is known of each query; null for one without a relevant item. */
  readonly states: readonly (QueryState | null)[];
}

/** A query's relevant items and how many others stand before them, as far as the gallery was read. */
export interface QueryState extends MeasuredMatches, OtherCounts {
  /** Gallery row to leave out, or -1. */
  readonly excluded: number;
}

/** A part of the gallery, and which row it begins with. */
export interface GalleryPart {
  readonly first: number;
  readonly gallery: Matrix;
}

/** The state of a query before the gallery is read. `matches`: its relevant items, ascending. */
export function initialState(matches: Int32Array, excluded: number): QueryState | null {
  const { length } = matches;
  if (length === 0) return null;
  const distances = new Float64Array(length);
  const counts = new Uint32Array(length);
  return {
    matches,
    distances,
    thresholds: new Float64Array(length),
    counts,
    before: new Uint32Array(length),
    excluded,
  };
}

/** First reading: the exact distances of the relevant items that lie in this part. */
export function measurePart({ query, states }: QueryBlock, { first, gallery }: GalleryPart): void {
  states.forEach((state, i) => {
    if (state === null) return;
    const { matches, distances } = state;
    const end = firstAtLeast(matches, first + gallery.rows);
    for (let k = firstAtLeast(matches, first); k < end; k++) {
      distances[k] = squaredDistance(query, i, gallery, (matches[k] ?? -1) - first);
    }
  });
}

/** Between the readings: the distances in ascending order. */
export function sortThresholds({ states }: QueryBlock): void {
  for (const state of states) if (state !== null) state.thresholds.set(state.distances.slice().sort());
}

/** Second reading: counts the other items of this part by the matches they stand before. */
export function countPart({ query, states }: QueryBlock, { first, gallery }: GalleryPart): void {
  const buffers = workspace(gallery.rows);
  const embeddings = { gallery, query };
  for (const row of approximateRows(embeddings)) {
    const state = states[row.query] ?? null;
    if (state === null) continue;
    const { excluded, distances, thresholds } = state;
    const matches = state.matches.map((item) => item - first);
    measureMatches(embeddings, row, matches.subarray(firstAtLeast(matches, 0), firstAtLeast(matches, gallery.rows)));
    if (excluded >= first && excluded < first + gallery.rows) row.products[excluded - first] = Number.NEGATIVE_INFINITY;
    const part = countOthers(embeddings, row, { matches, distances, thresholds }, buffers);
    add(state.counts, part.counts);
    add(state.before, part.before);
  }
}

/** Where the relevant items stand, once the whole gallery was read twice. */
export function finalRanking(state: QueryState): Ranking {
  return rankingOf(state.thresholds, state);
}

function add(to: Uint32Array, from: Uint32Array): void {
  for (let k = 0; k < to.length; k++) to[k] = (to[k] as number) + (from[k] as number);
}
