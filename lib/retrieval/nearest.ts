import { selectRows } from "../core/matrix";
import { exclude, type ScoredRow } from "./scores/block";
import { approximateRows, blockBytes, type Embeddings, scoreBlocks } from "./scores/blocks";
import { holdGallery, squaredDistance } from "./scores/exact-distances";
import { inScoreMemory } from "./scores/memory";
import { type FoundNearest, type NearestJob, roomFor } from "./threads/nearest-job";
import { shareOut } from "./threads/share-out";

/** For every query its k nearest gallery rows, nearest first, equal distances in gallery order. */
export interface NearestRows {
  readonly k: number;
  /** [queries x k] gallery rows. */
  readonly items: Int32Array;
  /** [queries x k] squared L2 distances, exact in 64 bits. */
  readonly squaredDistances: Float64Array;
}

/**
 * The k nearest gallery rows of every query in L2 distance; `excluded` names for each query a gallery row to leave out, or -1. Exact: the
 * matrix products choose candidates, and only those are measured. Memory: the answers, two copies of the gallery, one block.
 */
export function nearestRows(embeddings: Embeddings, k: number, excluded: Int32Array): NearestRows {
  const { gallery, query } = embeddings;
  const mostQueries = Math.max(1, Math.floor(blockBytes / (8 * roomFor(k, gallery.rows))));
  const found: FoundNearest = {
    k,
    excluded,
    items: new Int32Array(new SharedArrayBuffer(4 * query.rows * k)),
    squaredDistances: new Float64Array(new SharedArrayBuffer(8 * query.rows * k)),
    crowded: new Uint8Array(new SharedArrayBuffer(query.rows)),
  };
  inScoreMemory((memory) => {
    const job: NearestJob = { kind: "nearest", gallery: holdGallery(memory, gallery), ...found };
    shareOut(scoreBlocks(embeddings, memory, { mostQueries }), memory, job);
  });
  searchAll(embeddings, found);
  return { k, items: found.items, squaredDistances: found.squaredDistances };
}

/** The answers to the queries that too many items are about equally near to: every score is looked at. */
function searchAll({ gallery, query }: Embeddings, found: FoundNearest): void {
  const queries = Int32Array.from(found.crowded.keys()).filter((index) => found.crowded[index] === 1);
  if (queries.length === 0) return;
  const embeddings = { gallery, query: selectRows(query, queries) };
  const rough: Ascending = { values: new Float64Array(found.k), items: new Int32Array(found.k) };
  inScoreMemory((memory) => {
    for (const row of approximateRows(embeddings, memory, { whole: true })) {
      const asked = queries[row.query] as number;
      exclude(row, found.excluded[asked] as number);
      // An item among the k nearest is at most the margin above its place, and the k-th by scores at most that below.
      measureUpTo(kthByScores(row, rough) + 2.02 * row.margin, embeddings, row, nearestOf(found, asked));
    }
  });
}

function nearestOf({ k, items, squaredDistances }: NearestRows, query: number): Ascending {
  const own = [query * k, (query + 1) * k] as const;
  return { values: squaredDistances.subarray(...own), items: items.subarray(...own) };
}

/** The least values so far, ascending, and whose they are. */
interface Ascending {
  readonly values: Float64Array;
  readonly items: Int32Array;
}

/** The k-th smallest of offset - weight * scores[j]. */
function kthByScores({ scores, offset, weight }: ScoredRow, least: Ascending): number {
  const { values } = least;
  const last = values.length - 1;
  values.fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < scores.length; j++) {
    const value = offset - weight * (scores[j] as number);
    if (value < (values[last] as number)) insert(least, value, j);
  }
  return values[last] as number;
}

/** Measures in gallery order every item whose approximate distance is at most `bound`, and keeps the nearest. */
function measureUpTo(bound: number, { gallery, query }: Embeddings, row: ScoredRow, nearest: Ascending): void {
  const { scores, offset, weight } = row;
  const last = nearest.values.length - 1;
  nearest.values.fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < scores.length; j++) {
    if (offset - weight * (scores[j] as number) > bound) continue;
    const distance = squaredDistance(query, row.query, gallery, j);
    if (distance < (nearest.values[last] as number)) insert(nearest, distance, j);
  }
}

/** Puts `value` behind those that are not larger; the last falls out. */
function insert({ values, items }: Ascending, value: number, item: number): void {
  let at = values.length - 1;
  for (; at > 0 && (values[at - 1] as number) > value; at--) {
    values[at] = values[at - 1] as number;
    items[at] = items[at - 1] as number;
  }
  values[at] = value;
  items[at] = item;
}
