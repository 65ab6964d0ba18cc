import { type Matrix, selectRows } from "../core/matrix";
import { checkCount, checkDistance, checkSearch, type Distance, distanceSpace } from "./input";
import { type NearestRows, nearestRows } from "./nearest";

/** A search without labels. */
export interface TopKInput {
  readonly gallery: Matrix;
  readonly query: Matrix;
  /** How many gallery rows to give for each query. */
  readonly k: number;
  /** Leave gallery row i out of the answers to query i: both are the same item. */
  readonly excludeSelf?: boolean;
  /** Where it is cosine, distances are those of rows divided by their lengths. */
  readonly distance?: Distance;
}

/**
 * For every query row its k nearest gallery rows, nearest first, equal distances in gallery order. Exact, by blocks of matrix
 * products. Throws RangeError on input without meaning.
 */
export function topK({ gallery, query, k, excludeSelf = true, distance = "l2" }: TopKInput): NearestRows {
  checkDistance(distance);
  checkSearch({ gallery, query, excludeSelf });
  checkCount("k", k, gallery.rows - (excludeSelf ? 1 : 0));
  const space = {
    gallery: distanceSpace(gallery, distance, "gallery"),
    query: distanceSpace(query, distance, "query"),
  };
  return nearestRows(
    space,
    k,
    Int32Array.from({ length: query.rows }, (_, index) => (excludeSelf ? index : -1)),
  );
}

/** A few queries to look at: rows of `query`, each searching all of `gallery`. */
interface NearestInput {
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
  const { gallery, query, queries, count, excludeSelf = true } = input;
  checkSearch({ gallery, query, excludeSelf });
  checkCount("count", count, gallery.rows - (excludeSelf ? 1 : 0));
  checkQueries(queries, query);
  const asked = selectRows(query, queries);
  const excluded = Int32Array.from(queries, (index) => (excludeSelf ? index : -1));
  const { items } = nearestRows({ gallery, query: asked }, count, excluded);
  return Array.from(queries, (_, i) => items.slice(i * count, (i + 1) * count));
}

function checkQueries(queries: ArrayLike<number>, { rows }: Matrix): void {
  const wrong = Array.from(queries).find((index) => !(Number.isInteger(index) && index >= 0 && index < rows));
  if (wrong !== undefined) throw new RangeError(`query ${wrong}: a row from 0 to ${rows - 1} is allowed`);
}
