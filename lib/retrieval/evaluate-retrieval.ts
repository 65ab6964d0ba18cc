import { approximateRows } from "./approximate-rows";
import { classMembers, largestClass, without } from "./class-members";
import { distanceSpace } from "./distance-space";
import {
  countRow,
  measureMatches,
  type QueryState,
  queryState,
  type Ranking,
  rankingOf,
  searchedPart,
  sortThresholds,
} from "./rank-matches";
import { checkRetrievalInput, type RetrievalInput } from "./retrieval-input";
import { scoreMemory } from "./score-memory";

/** Means over the queries that have a relevant item in the gallery. */
export interface RetrievalResult {
  /** CMC: share of queries with an item of their class nearest, in [0, 1]. */
  readonly top1: number;
  /** CMC: share of queries with an item of their class among the five nearest, in [0, 1]. */
  readonly top5: number;
  /** Mean average precision, in [0, 1]. */
  readonly mAP: number;
  /** Mean share of relevant items among the R nearest, R being how many there are, in [0, 1]. */
  readonly rPrecision: number;
  /** MAP@R, in [0, 1]. */
  readonly mAPAtR: number;
  /** How many queries the means are over. */
  readonly queries: number;
  /** How many had no relevant item. */
  readonly skipped: number;
  readonly perQuery: PerQuery;
}

/** One entry a query row. */
export interface PerQuery {
  /** Rank of the nearest relevant item, from 1, equal distances in gallery order; 0 where skipped. */
  readonly firstMatch: Int32Array;
  /** In [0, 1]; not a number where skipped, as are the next two. */
  readonly averagePrecision: Float64Array;
  readonly rPrecision: Float64Array;
  readonly averagePrecisionAtR: Float64Array;
}

/**
 * CMC top-1 and top-5 and scikit-learn's mean average precision (the evaluation of arXiv 2112.02805), and R-precision and MAP@R
 * (arXiv 2003.08505), from exact 64-bit distances. Memory grows with the gallery, not with its square.
 * `onQuery` hears how many queries are done. Throws RangeError on input without meaning.
 */
export function evaluateRetrieval(input: RetrievalInput, onQuery: (done: number) => void = () => {}): RetrievalResult {
  const { gallery, query, labels, queryLabels = labels, excludeSelf = true, distance = "l2" } = input;
  checkRetrievalInput({ gallery, query, labels, queryLabels, excludeSelf, distance });
  const embeddings = {
    gallery: distanceSpace(gallery, distance, "gallery"),
    query: distanceSpace(query, distance, "query"),
  };
  const members = classMembers(labels);
  const memory = scoreMemory();
  const part = searchedPart(memory, embeddings, largestClass(members));
  const perQuery = unanswered(query.rows);
  const states = new Map<number, QueryState>();
  for (const row of approximateRows(embeddings, memory)) {
    if (row.first === 0) {
      const excluded = excludeSelf ? row.query : -1;
      const matches = without(members.get(queryLabels[row.query] ?? Number.NaN) ?? none, excluded);
      const state = queryState(matches, excluded);
      if (state === null) continue;
      measureMatches(state, row.query, part);
      sortThresholds(state);
      states.set(row.query, state);
    }
    const state = states.get(row.query);
    if (state === undefined) continue;
    countRow(state, row, part);
    if (row.first + row.scores.length < gallery.rows) continue;
    setRanking(perQuery, row.query, rankingOf(state));
    states.delete(row.query);
    onQuery(row.query + 1);
  }
  return summary(perQuery);
}

/** Entries of `queries` queries that are skipped until set. */
export function unanswered(queries: number): PerQuery {
  const blank = (): Float64Array => new Float64Array(queries).fill(Number.NaN);
  return {
    firstMatch: new Int32Array(queries),
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

const none = new Int32Array(0);

/** The means; throws RangeError where every query is skipped. */
export function summary(perQuery: PerQuery): RetrievalResult {
  const ranks = perQuery.firstMatch.filter((rank) => rank > 0);
  const queries = ranks.length;
  const skipped = perQuery.firstMatch.length - queries;
  if (queries === 0)
    throw new RangeError(`none of ${skipped} queries has an item of its class in the gallery: one must`);
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
