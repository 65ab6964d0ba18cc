import { checkRetrievalInput, distanceSpace, type RetrievalInput } from "./input";
import { type EvaluationJob, type PerQuery, unanswered } from "./ranking/evaluation-job";
import type { BlockShape } from "./scores/block";
import { scoreBlocks } from "./scores/blocks";
import { holdGallery } from "./scores/exact-distances";
import { inScoreMemory } from "./scores/memory";
import { shareOut } from "./threads/share-out";

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
  const perQuery = unanswered(query.rows);
  const onBlock = ({ firstQuery, queries, firstRow, rows }: BlockShape): void => {
    if (firstRow + rows === gallery.rows) onQuery(firstQuery + queries);
  };
  inScoreMemory((memory) => {
    const job: EvaluationJob = {
      kind: "evaluation",
      gallery: holdGallery(memory, embeddings.gallery),
      labels: Float64Array.from(labels),
      queryLabels: Float64Array.from(queryLabels),
      excludeSelf,
      perQuery,
    };
    shareOut(scoreBlocks(embeddings, memory), memory, job, { onBlock });
  });
  return summary(perQuery);
}

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
