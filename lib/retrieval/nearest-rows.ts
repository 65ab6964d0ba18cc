import { selectRows } from "../core/matrix";
import { type ApproximateRow, approximateRows, type Embeddings } from "./approximate-rows";
import { nearestCandidates } from "./nearest-candidates";
import { scoreMemory } from "./score-memory";
import { squaredDistance } from "./squared-distance";
import { exclude } from "./take-out";

/** For every query its k nearest gallery rows, nearest first, equal distances in gallery order. */
export interface NearestRows {
  readonly k: number;
  /** [queries x k] gallery rows. */
  readonly items: Int32Array;
  /** [queries x k] squared L2 distances, exact in 64 bits. */
  readonly squaredDistances: Float64Array;
}

/**
 * The k nearest gallery rows of every query in L2 distance; `excludedOf` names a gallery row to leave out, or -1. Exact: the
 * matrix products choose candidates, and only those are measured. Memory: the answers, a copy of the gallery, one block.
 */
export function nearestRows(
  embeddings: Embeddings,
  k: number,
  excludedOf: (query: number) => number = () => -1,
): NearestRows {
  const { rows } = embeddings.query;
  const found = { k, items: new Int32Array(rows * k), squaredDistances: new Float64Array(rows * k) };
  const crowded: number[] = [];
  for (const { query, nearest } of nearestCandidates(embeddings, k, excludedOf)) {
    if (nearest === null) crowded.push(query);
    else {
      found.items.set(nearest.items.subarray(0, k), query * k);
      found.squaredDistances.set(nearest.squaredDistances.subarray(0, k), query * k);
    }
  }
  searchAll(embeddings, crowded, excludedOf, found);
  return found;
}

/** The answers to the queries that too many items are about equally near to: every score is looked at. */
function searchAll(
  { gallery, query }: Embeddings,
  queries: readonly number[],
  excludedOf: (query: number) => number,
  found: NearestRows,
): void {
  if (queries.length === 0) return;
  const embeddings = { gallery, query: selectRows(query, queries) };
  const rough: Ascending = { values: new Float64Array(found.k), items: new Int32Array(found.k) };
  for (const row of approximateRows(embeddings, scoreMemory(), { whole: true })) {
    const asked = queries[row.query] ?? -1;
    exclude(row, excludedOf(asked));
    // An item among the k nearest is at most the margin above its place, and the k-th by scores at most that below.
    measureUpTo(kthByScores(row, rough) + 2.02 * row.margin, embeddings, row, nearestOf(found, asked));
  }
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
function kthByScores({ scores, offset, weight }: ApproximateRow, least: Ascending): number {
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
function measureUpTo(bound: number, { gallery, query }: Embeddings, row: ApproximateRow, nearest: Ascending): void {
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
