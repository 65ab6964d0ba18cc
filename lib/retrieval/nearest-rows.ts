import { selectRows } from "../core/matrix";
import { type ApproximateRow, approximateRows, type Embeddings } from "./approximate-rows";
import { nearestCandidates } from "./nearest-candidates";
import { squaredDistance } from "./squared-distance";

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
 * matrix products choose candidates, and only those are measured. Memory: the answers, two copies of the gallery, one block.
 */
export function nearestRows(
  embeddings: Embeddings,
  k: number,
  excludedOf: (query: number) => number = () => -1,
): NearestRows {
  const { rows } = embeddings.query;
  const found = { k, items: new Int32Array(rows * k), squaredDistances: new Float64Array(rows * k) };
  const crowded: number[] = [];
  const count = Math.min(embeddings.gallery.rows, k + spare(k));
  for (const { query, items, scores, margin } of nearestCandidates(embeddings, count)) {
    const excluded = excludedOf(query);
    const inside = certain(items, scores, { k, margin, excluded, all: count === embeddings.gallery.rows });
    if (inside === null) crowded.push(query);
    else measureThose(inside, embeddings, query, nearestOf(found, query));
  }
  searchAll(embeddings, crowded, excludedOf, found);
  return found;
}

/** Candidates beyond k: for what is excluded, and what 32 bits cannot tell from the k-th. */
function spare(k: number): number {
  return 16 + Math.ceil(k / 4);
}

/** In gallery order the candidates among which the k nearest are for certain; null where they may not be. */
function certain(
  items: Int32Array,
  scores: Float32Array,
  { k, margin, excluded, all }: { k: number; margin: number; excluded: number; all: boolean },
): Int32Array | null {
  const place = items.indexOf(excluded);
  const last = place >= 0 && place < k ? k : k - 1;
  const least = (scores[last] ?? Number.NaN) - 2.02 * margin;
  const end = scores.findIndex((score) => !(score >= least));
  if (end < 0 && !all) return null;
  const inside = end < 0 ? items : items.subarray(0, end);
  return inside.filter((item) => item !== excluded).sort();
}

function measureThose(items: Int32Array, { gallery, query }: Embeddings, index: number, nearest: Ascending): void {
  const last = nearest.values.length - 1;
  nearest.values.fill(Number.POSITIVE_INFINITY);
  for (const item of items) {
    const distance = squaredDistance(query, index, gallery, item);
    if (distance < (nearest.values[last] as number)) insert(nearest, distance, item);
  }
}

/** The answers to the queries that too many items are about equally near to: every product is looked at. */
function searchAll(
  { gallery, query }: Embeddings,
  queries: readonly number[],
  excludedOf: (query: number) => number,
  found: NearestRows,
): void {
  if (queries.length === 0) return;
  const embeddings = { gallery, query: selectRows(query, queries) };
  const rough: Ascending = { values: new Float64Array(found.k), items: new Int32Array(found.k) };
  for (const row of approximateRows(embeddings)) {
    const asked = queries[row.query] ?? -1;
    const excluded = excludedOf(asked);
    if (excluded >= 0) row.products[excluded] = Number.NEGATIVE_INFINITY;
    // An item among the k nearest is at most the margin above its place, and the k-th by products at most that below.
    measureUpTo(kthByProducts(row, rough) + 2.02 * row.margin, embeddings, row, nearestOf(found, asked));
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

/** The k-th smallest of norms[j] - weight * products[j]. */
function kthByProducts({ products, norms, weight }: ApproximateRow, least: Ascending): number {
  const { values } = least;
  const last = values.length - 1;
  values.fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < products.length; j++) {
    const value = (norms[j] as number) - weight * (products[j] as number);
    if (value < (values[last] as number)) insert(least, value, j);
  }
  return values[last] as number;
}

/** Measures in gallery order every item whose approximate distance is at most `bound`, and keeps the nearest. */
function measureUpTo(bound: number, { gallery, query }: Embeddings, row: ApproximateRow, nearest: Ascending): void {
  const { products, norms, weight } = row;
  const last = nearest.values.length - 1;
  nearest.values.fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < products.length; j++) {
    // Not `> bound`: 0 * -infinity is not a number, and is to be left out as well.
    if (!((norms[j] as number) - weight * (products[j] as number) <= bound)) continue;
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
