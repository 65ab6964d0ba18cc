import type { Matrix } from "../core/matrix";
import { topK } from "./top-k";

/** Queries, and the gallery that they search: the same items, row by row. */
interface Search {
  readonly gallery: Matrix;
  readonly query: Matrix;
}

/**
 * Recall@k of neighbours: of the k nearest items that each query finds in one search, the share
 * that it finds among its k nearest in another. No query finds itself; k is at most all others.
 */
export function neighbourRecall(own: Search, found: Search, k: number): number {
  const most = Math.min(k, own.gallery.rows - 1);
  const [expected, actual] = [own, found].map((side) => topK({ ...side, k: most, excludeSelf: true }).items) as [
    Int32Array,
    Int32Array,
  ];
  let hits = 0;
  for (let start = 0; start < expected.length; start += most) {
    const wanted = new Set(expected.subarray(start, start + most));
    for (const item of actual.subarray(start, start + most)) if (wanted.has(item)) hits++;
  }
  return hits / expected.length;
}
