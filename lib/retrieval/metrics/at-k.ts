/** Measures over the k nearest items of a query that has relevant ones, in [0, 1]. */
export interface AtK {
  /** Share of its relevant items that are among the k nearest. */
  readonly recall: number;
  /** Share of the k nearest items that are relevant. */
  readonly precision: number;
  /**
   * Normalised discounted cumulative gain with gains of 0 and 1: the sum of 1 / log2(rank + 1) over
   * the relevant items among the k nearest, divided by the largest such sum (Jaervelin and
   * Kekaelaeinen, 2002).
   */
  readonly ndcg: number;
}

/**
 * The measures of a query by its nearest items, nearest first: `hits` is 1 for a relevant one, else
 * 0, and there are `total` relevant items in the gallery, at least one.
 */
export function measuresAtK(hits: ArrayLike<number>, total: number, k: number): AtK {
  let found = 0;
  let gain = 0;
  let ideal = 0;
  for (let rank = 1; rank <= k; rank++) {
    const discount = 1 / Math.log2(rank + 1);
    if (rank <= total) ideal += discount;
    if (rank > hits.length || hits[rank - 1] === 0) continue;
    found++;
    gain += discount;
  }
  return { recall: found / total, precision: found / k, ndcg: gain / ideal };
}
