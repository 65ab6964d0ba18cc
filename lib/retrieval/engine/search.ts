import { type PerQuery, type QueryMetrics, unranked } from "../metrics/query-metrics";
import type { ScaledRows } from "../metrics/scaled-rows";
import { compatibleCounts, type PairCounts } from "./compatible-counts";
import { inScoreMemory } from "./kept/between-searches";
import { mixedGallery } from "./mixing/mixed-gallery";
import { answerCrowded } from "./nearest/crowded";
import { roomFor } from "./nearest/nearest-job";
import { pairedBlocks } from "./paired-blocks";
import {
  type CountedOthers,
  countByParts,
  type MeasuredMatches,
  measureByParts,
  metricsOfCounts,
  type PartialSearch,
  rankByParts,
} from "./ranking/rank-by-parts";
import type { BlockShape } from "./scores/block";
import { blockBytes, scoreBlocks } from "./scores/blocks";
import { holdGallery } from "./scores/exact-distances";
import { shareOut } from "./threads/share-out";

// The door of the engine: README.md in this folder says how it works. All searches are by L2
// distance, exact in 64 bits, and give the same bits on any number of threads.

/** Both sides of a search, rows of one width. */
export interface Embeddings {
  readonly gallery: ScaledRows;
  readonly query: ScaledRows;
}

/** How a search is carried out; it does not change the result. */
export interface SearchOptions {
  /** The number of threads, from 1 to 8; by default as many as make this search faster. */
  readonly threads?: number;
}

/** How an evaluation is carried out. */
export interface EvaluationOptions extends SearchOptions {
  /** Is told how many queries are done. */
  readonly onQuery?: (done: number) => void;
}

/** A search in which some gallery rows are relevant: those with the query's label. */
interface LabelledSearch extends Embeddings {
  /** The label of each gallery row, and of each query row. */
  readonly labels: ArrayLike<number>;
  readonly queryLabels: ArrayLike<number>;
  /** Leave gallery row i out of the answers to query i. */
  readonly excludeSelf: boolean;
}

/** The metrics of every query. */
export function rankQueries(
  { gallery, query, labels, queryLabels, excludeSelf }: LabelledSearch,
  { threads, onQuery = () => {} }: EvaluationOptions = {},
): PerQuery {
  const perQuery = unranked(query.rows, allocateShared);
  const onBlock = ({ firstQuery, queries, firstRow, rows }: BlockShape): void => {
    if (firstRow + rows === gallery.rows) onQuery(firstQuery + queries);
  };
  inScoreMemory((memory) => {
    const job = {
      kind: "evaluation",
      gallery: holdGallery(memory, gallery),
      labels: Float64Array.from(labels),
      queryLabels: Float64Array.from(queryLabels),
      excludeSelf,
      perQuery,
    } as const;
    shareOut(scoreBlocks({ gallery, query }, memory), memory, job, { onBlock, threads });
  });
  return perQuery;
}

/**
 * The metrics of queries whose gallery is read part by part; null for one without a relevant item.
 */
export function rankInParts(search: PartialSearch): Promise<readonly (QueryMetrics | null)[]> {
  return rankByParts(search);
}

/** The readings of rankInParts one by one, for a gallery that is searched in pieces: see there. */
export const inPieces: {
  readonly measure: typeof measureByParts;
  readonly count: typeof countByParts;
  readonly metrics: typeof metricsOfCounts;
} = { measure: measureByParts, count: countByParts, metrics: metricsOfCounts };
export type { CountedOthers, MeasuredMatches };

/** For every query its k nearest gallery rows, nearest first, equal distances in gallery order. */
export interface NearestRows {
  readonly k: number;
  /** [queries x k] gallery rows. */
  readonly items: Int32Array;
  /** [queries x k] squared L2 distances, exact in 64 bits. */
  readonly squaredDistances: Float64Array;
}

/**
 * The k nearest gallery rows of every query. `excluded` is for each query a gallery row to leave
 * out, or -1. Memory: the answers, two copies of the gallery, one block of scores.
 */
export function nearestRows(
  embeddings: Embeddings,
  { k, excluded }: { readonly k: number; readonly excluded: Int32Array },
  { threads }: SearchOptions = {},
): NearestRows {
  const { gallery, query } = embeddings;
  const mostQueries = Math.max(1, Math.floor(blockBytes / (8 * roomFor(k, gallery.rows))));
  const found = {
    k,
    excluded,
    items: new Int32Array(allocateShared(4 * query.rows * k)),
    squaredDistances: new Float64Array(allocateShared(8 * query.rows * k)),
    crowded: new Uint8Array(allocateShared(query.rows)),
  };
  inScoreMemory((memory) => {
    const job = { kind: "nearest", gallery: holdGallery(memory, gallery), ...found } as const;
    shareOut(scoreBlocks(embeddings, memory, { mostQueries }), memory, job, { threads });
  });
  answerCrowded(embeddings, found);
  return { k, items: found.items, squaredDistances: found.squaredDistances };
}

/** A search of a gallery whose rows are replaced by `next` in the given order. */
interface MixedLabelledSearch extends LabelledSearch {
  readonly next: ScaledRows;
  readonly order: Int32Array;
  /** The number of mixed galleries, from none replaced to all. */
  readonly points: number;
}

/** Rankings of every query in every mixed gallery. */
export interface MixedRankings {
  /** [points] The number of replaced rows. */
  readonly replaced: Int32Array;
  /** [queries x points] Rank of the nearest relevant item; 0 for a query without one. */
  readonly firstMatch: Int32Array;
  /** [queries x points] In [0, 1]. */
  readonly averagePrecision: Float64Array;
}

/** Ranks in every mixed gallery, for about the cost of four searches at any number of points. */
export function rankMixtures(search: MixedLabelledSearch, { threads }: SearchOptions = {}): MixedRankings {
  const { labels, queryLabels, excludeSelf, points } = search;
  const { before, after, ...order } = mixedGallery(search);
  const firstMatch = new Int32Array(allocateShared(4 * queryLabels.length * points));
  const averagePrecision = new Float64Array(allocateShared(8 * queryLabels.length * points));
  inScoreMemory((memory) => {
    const job = {
      kind: "backfill",
      gallery: holdGallery(memory, before.gallery),
      next: holdGallery(memory, after.gallery),
      order,
      labels: Float64Array.from(order.items, (item) => labels[item] as number),
      queryLabels: Float64Array.from(queryLabels),
      excludeSelf,
      firstMatch,
      averagePrecision,
    } as const;
    shareOut(pairedBlocks(before, after, memory), memory, job, { threads });
  });
  return { replaced: order.cuts, firstMatch, averagePrecision };
}

/**
 * The number of ordered pairs (query i, gallery j) of different items whose distance does not grow
 * from `before` to `after` if they are of one class (positive), or does not shrink if they are of
 * two (negative). `classes`: the class of each item. Memory: two blocks of scores.
 */
export function countCompatible(before: Embeddings, after: Embeddings, classes: Int32Array): PairCounts {
  return compatibleCounts(before, after, classes);
}

/** Memory that all threads of a search see. */
function allocateShared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}
