import type { Ranking } from "./rank-matches";

/** One entry a query row. */
export interface PerQuery {
  /** Rank of the nearest relevant item, from 1, equal distances in gallery order; 0 where skipped. */
  readonly firstMatch: Int32Array;
  /** In [0, 1]; not a number where skipped, as are the next two. */
  readonly averagePrecision: Float64Array;
  readonly rPrecision: Float64Array;
  readonly averagePrecisionAtR: Float64Array;
}

/** Entries of `queries` queries that are skipped until set; all threads of a search see them. */
export function unanswered(queries: number): PerQuery {
  const blank = (): Float64Array => new Float64Array(new SharedArrayBuffer(8 * queries)).fill(Number.NaN);
  return {
    firstMatch: new Int32Array(new SharedArrayBuffer(4 * queries)),
    averagePrecision: blank(),
    rPrecision: blank(),
    averagePrecisionAtR: blank(),
  };
}

/** Enters the ranking of one query. */
export function setRanking(perQuery: PerQuery, query: number, ranking: Ranking): void {
  perQuery.firstMatch[query] = ranking.firstMatch;
  perQuery.averagePrecision[query] = ranking.averagePrecision;
  perQuery.rPrecision[query] = ranking.rPrecision;
  perQuery.averagePrecisionAtR[query] = ranking.averagePrecisionAtR;
}
