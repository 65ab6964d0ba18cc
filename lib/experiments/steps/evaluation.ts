import { type Request, request, type Step } from "../../core/artifacts/step";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { evaluateRetrieval } from "../../retrieval/evaluate";
import { describe } from "../model/describe";
import { dimensionsOf, type Model } from "../model/model";
import { packedQueries } from "../results/query-results";
import { embeddingsIn } from "./artifacts";
import { type Backfill, fillBack } from "./backfill";
import { searchCost } from "./cost";
import { embeddingOf } from "./embedding";

// The graph of work, from what a table asks for down to the trainings. Every node is a request:
// it has a key and names the requests it needs, and `obtain` carries it out (core/artifacts).
//
//   evaluationOf(row)            two embeddings, of the query and of the gallery model;
//                                a backfill also that of the new model
//   measurementsOf(row)          the embeddings or evaluations that they compare
//   embeddingOf(model, dataset)  the model's weights; an upgrade also the embeddings of its old
//                                model and of its side-information model
//   trainingOf(model)            nothing; BCT and the L2 baseline the old model's weights;
//                                h the training images embedded by old, side and target model

/** A model of queries, and the model of the gallery that they search. */
export interface Pair {
  readonly query: Model;
  readonly gallery: Model;
}

/** Every test image of `dataset` is a query, and all others are its gallery. */
export interface Evaluation extends Pair {
  readonly dataset: DatasetRecipe;
  /** What vectors are compared by: plain L2 distances by default. */
  readonly distance?: "cosine";
  /** The gallery is re-embedded bit by bit; metrics are means over all shares (FastFill's AUC). */
  readonly backfill?: Backfill;
}

/**
 * Facts "top1", "top5" and "mAP" in percent, and "skipped", the number of queries left out. For a
 * backfill the facts are means over its curve, which is in arrays "shares" (from 0 to 1), "top1",
 * "top5" and "mAP" (percent). What every query finds is in further arrays, see `packedQueries`.
 */
export function evaluationOf(row: Evaluation): Request {
  const { backfill, ...evaluation } = evaluationIn(row);
  return backfill === undefined ? request(evaluate, evaluation) : request(fillBack, { ...evaluation, backfill });
}

/** The members of a row that say what is evaluated. */
export function evaluationIn({ query, gallery, dataset, distance, backfill }: Evaluation): Evaluation {
  return {
    query,
    gallery,
    dataset,
    ...(distance === undefined ? {} : { distance }),
    ...(backfill === undefined ? {} : { backfill }),
  };
}

const evaluate: Step<Evaluation> = {
  kind: "evaluate",
  version: 2,
  inputs: ({ query, gallery, dataset }) => [embeddingOf(query, dataset), embeddingOf(gallery, dataset)],
  label: ({ query, gallery }) => `${describe(query)} searching ${describe(gallery)}`,
  cost: ({ query, dataset }) => searchCost(dataset, dimensionsOf(query)),
  run: async ({ dataset, distance }, [queries, gallery]) => {
    const { labels } = (await loadDataset(dataset)).test;
    const result = evaluateRetrieval({
      query: embeddingsIn(queries),
      gallery: embeddingsIn(gallery),
      labels,
      excludeSelf: true,
      ...(distance && { distance }),
    });
    const { top1, top5, mAP, skipped, perQuery } = result;
    const facts = { top1: 100 * top1, top5: 100 * top5, mAP: 100 * mAP, skipped };
    return { arrays: packedQueries(labels, hitsOf(perQuery)), facts };
  },
};

function hitsOf({
  firstMatch,
  averagePrecision: mAP,
}: ReturnType<typeof evaluateRetrieval>["perQuery"]): Parameters<typeof packedQueries>[1] {
  const within = (k: number): Float64Array => Float64Array.from(firstMatch, (rank) => (rank > 0 && rank <= k ? 1 : 0));
  return { top1: within(1), top5: within(5), mAP };
}
