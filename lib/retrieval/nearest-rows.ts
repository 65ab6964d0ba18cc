import { type ApproximateRow, approximateRows, type Embeddings } from "./approximate-rows";
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
  const items = new Int32Array(rows * k);
  const squaredDistances = new Float64Array(rows * k);
  const rough: Ascending = { values: new Float64Array(k), items: new Int32Array(k) };
  for (const row of approximateRows(embeddings)) {
    const excluded = excludedOf(row.query);
    if (excluded >= 0) row.products[excluded] = Number.NEGATIVE_INFINITY;
    const from = row.query * k;
    const nearest = { values: squaredDistances.subarray(from, from + k), items: items.subarray(from, from + k) };
    // An item among the k nearest is at most the margin above its place, and the k-th by products at most that below.
    measureUpTo(kthByProducts(row, rough) + 2.02 * row.margin, embeddings, row, nearest);
  }
  return { k, items, squaredDistances };
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
