import type { Matrix } from "../core/matrix";
import { squaredDistance } from "./squared-distance";

/** A few queries to look at: rows of `query`, each searching all of `gallery`. */
export interface NearestInput {
  readonly gallery: Matrix;
  readonly query: Matrix;
  /** Rows of `query`. */
  readonly queries: ArrayLike<number>;
  /** How many gallery rows to give for each. */
  readonly count: number;
  /** Leave gallery row i out of the answers to query i: both are the same item. */
  readonly excludeSelf?: boolean;
}

/**
 * For each of `queries` the gallery rows nearest in L2 distance, nearest first, equal distances in gallery order. Exact.
 * Throws RangeError on a query or a count that the embeddings do not have.
 */
export function nearestItems(input: NearestInput): readonly Int32Array[] {
  checkNearestInput(input);
  return Array.from(input.queries, (index) => nearestTo(index, input));
}

function nearestTo(index: number, { gallery, query, count, excludeSelf = true }: NearestInput): Int32Array {
  const distances = Float64Array.from({ length: gallery.rows }, (_, j) => squaredDistance(query, index, gallery, j));
  if (excludeSelf) distances[index] = Number.POSITIVE_INFINITY;
  const order = Int32Array.from(distances, (_, j) => j);
  return order.sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0) || a - b).slice(0, count);
}

function checkNearestInput({ gallery, query, queries, count, excludeSelf = true }: NearestInput): void {
  if (gallery.columns !== query.columns) {
    throw new RangeError(`query has ${query.columns} dimensions, gallery ${gallery.columns}: they must be equal`);
  }
  if (excludeSelf && gallery.rows !== query.rows) {
    throw new RangeError(`excludeSelf with ${query.rows} query rows and ${gallery.rows} gallery rows: they must agree`);
  }
  const wrong = Array.from(queries).find((index) => !(Number.isInteger(index) && index >= 0 && index < query.rows));
  if (wrong !== undefined) throw new RangeError(`query ${wrong}: a row from 0 to ${query.rows - 1} is allowed`);
  const most = gallery.rows - (excludeSelf ? 1 : 0);
  if (!(Number.isInteger(count) && count >= 1 && count <= most)) {
    throw new RangeError(`count ${count}: a whole number from 1 to ${most} is allowed`);
  }
}
