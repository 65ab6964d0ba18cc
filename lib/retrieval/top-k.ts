import { oneOf, wholeNumber } from "../core/check";
import { type Matrix, selectRows } from "../core/matrix";
import { type NearestRows, nearestRows, type SearchOptions } from "./engine/search";
import { checkSearch, type Distance, distanceSpace, distances } from "./input";

/** A search without labels. */
interface TopKInput {
  readonly gallery: Matrix;
  readonly query: Matrix;
  /** The number of gallery rows to give for each query. */
  readonly k: number;
  /**
   * Leave gallery row i out of the answers to query i: both are the same item. False by default.
   */
  readonly excludeSelf?: boolean;
  /** If it is cosine, distances are those of rows divided by their lengths. */
  readonly distance?: Distance;
}

/**
 * For every query row its k nearest gallery rows, nearest first, equal distances in gallery order.
 * Exact. Throws RangeError on input without meaning.
 */
export function topK(input: TopKInput, options: SearchOptions = {}): NearestRows {
  const { gallery, query, k, excludeSelf = false, distance = "l2" } = input;
  oneOf("distance", distance, distances);
  checkSearch({ gallery, query, excludeSelf });
  wholeNumber("k", k, { least: 1, most: gallery.rows - (excludeSelf ? 1 : 0) });
  const space = {
    gallery: distanceSpace(gallery, distance, "gallery"),
    query: distanceSpace(query, distance, "query"),
  };
  const excluded = Int32Array.from({ length: query.rows }, (_, index) => (excludeSelf ? index : -1));
  return nearestRows(space, { k, excluded }, options);
}

/** A few queries to look at: rows of `query`, each searching all of `gallery`. */
interface NearestInput {
  readonly gallery: Matrix;
  readonly query: Matrix;
  /** Rows of `query`. */
  readonly queries: ArrayLike<number>;
  /** The number of gallery rows to give for each. */
  readonly count: number;
  /**
   * Leave gallery row i out of the answers to query i: both are the same item. False by default.
   */
  readonly excludeSelf?: boolean;
}

/**
 * For each of `queries` the gallery rows nearest in L2 distance, nearest first, equal distances in
 * gallery order. Exact. Throws RangeError on a query or a count that the embeddings do not have.
 */
export function nearestItems(input: NearestInput): readonly Int32Array[] {
  const { gallery, query, queries, count, excludeSelf = false } = input;
  checkSearch({ gallery, query, excludeSelf });
  wholeNumber("count", count, { least: 1, most: gallery.rows - (excludeSelf ? 1 : 0) });
  for (const index of Array.from(queries)) wholeNumber("query", index, { least: 0, most: query.rows - 1 });
  const asked = selectRows(query, queries);
  const excluded = Int32Array.from(queries, (index) => (excludeSelf ? index : -1));
  const { items } = nearestRows({ gallery, query: asked }, { k: count, excluded });
  return Array.from(queries, (_, i) => items.slice(i * count, (i + 1) * count));
}
