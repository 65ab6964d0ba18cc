import { type EvaluationOptions, rankQueries } from "./engine/search";
import { checkRetrievalInput, distanceSpace, noRelevantItem, type RetrievalInput } from "./input";
import type { PerQuery } from "./metrics/query-metrics";

/** Means over the queries that have a relevant item, one of their class, in the gallery. */
export interface RetrievalResult {
  /** CMC: share of queries with a relevant item nearest, in [0, 1]. */
  readonly top1: number;
  /** CMC: share of queries with a relevant item among the five nearest, in [0, 1]. */
  readonly top5: number;
  /** Mean average precision, in [0, 1]. */
  readonly mAP: number;
  /** R-precision: mean share of a query's R relevant items among its R nearest, in [0, 1]. */
  readonly rPrecision: number;
  /** MAP@R, in [0, 1]. */
  readonly mAPAtR: number;
  /** The number of queries that the means are over. */
  readonly queries: number;
  /** The number of queries without a relevant item. */
  readonly skipped: number;
  /** What the means are of; metrics/query-metrics.ts holds the formulas. */
  readonly perQuery: PerQuery;
}

/**
 * CMC top-1 and top-5 and scikit-learn's mean average precision (the evaluation of arXiv
 * 2112.02805), and R-precision and MAP@R (arXiv 2003.08505), from exact 64-bit distances. Equal
 * distances are one threshold in average precision and stand in gallery order elsewhere. Memory
 * grows with the gallery, not with its square. Throws RangeError on input without meaning.
 */
export function evaluateRetrieval(input: RetrievalInput, options: EvaluationOptions = {}): RetrievalResult {
  const { gallery, query, labels, queryLabels = labels, excludeSelf = false, distance = "l2" } = input;
  checkRetrievalInput({ gallery, query, labels, queryLabels, excludeSelf, distance });
  const search = {
    gallery: distanceSpace(gallery, distance, "gallery"),
    query: distanceSpace(query, distance, "query"),
    labels,
    queryLabels,
    excludeSelf,
  };
  return meansOf(rankQueries(search, options));
}

/** The means over the queries; throws RangeError if every query is skipped. */
export function meansOf(perQuery: PerQuery): RetrievalResult {
  const ranks = perQuery.firstMatch.filter((rank) => rank > 0);
  const queries = ranks.length;
  const skipped = perQuery.firstMatch.length - queries;
  if (queries === 0) throw noRelevantItem(skipped);
  const top = (k: number): number => ranks.filter((rank) => rank <= k).length / queries;
  const mean = (values: Float64Array): number =>
    values.filter((value) => !Number.isNaN(value)).reduce((a, b) => a + b, 0) / queries;
  return {
    top1: top(1),
    top5: top(5),
    mAP: mean(perQuery.averagePrecision),
    rPrecision: mean(perQuery.rPrecision),
    mAPAtR: mean(perQuery.averagePrecisionAtR),
    queries,
    skipped,
    perQuery,
  };
}
