import type { Matrix } from "../core/matrix";
import { distanceSpace } from "./distance-space";
import { type NearestRows, nearestRows } from "./nearest-rows";
import { checkCount, checkDistance, checkSearch, type Distance } from "./retrieval-input";

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
