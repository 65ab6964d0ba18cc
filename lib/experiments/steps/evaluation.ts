import { type Request, request, type Step } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { backfillCurve } from "../../retrieval/backfill";
import { type BackfillOrder, backfillOrder } from "../../retrieval/backfill-order";
import { evaluateRetrieval } from "../../retrieval/evaluate";
import { describe } from "../model/describe";
import { dimensionsOf, type ImageModel, type Model } from "../model/model";
import { embeddingsIn, logVarianceIn } from "./artifacts";
import { searchCost } from "./cost";
import { embeddingOf } from "./embedding";

// The graph of work, from what a table asks for down to the trainings. Every node is a request:
// it has a key and names the requests it needs, and `obtain` (core/step.ts) carries it out.
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
  /** The gallery is re-embedded bit by bit; metrics are means over all shares (FastFill's AUC). */
  readonly backfill?: Backfill;
}

/** FastFill: gallery items are re-embedded by `next` in this order; see `backfillOrder`. */
export interface Backfill {
  readonly next: ImageModel;
  readonly order: "random" | "uncertainty" | "oracle" | "class-mean";
  readonly seed: number;
}

/**
 * Facts "top1", "top5" and "mAP" in percent, and "skipped", the number of queries left out. For a
 * backfill the facts are means over its curve, which is in arrays "shares" (from 0 to 1), "top1",
 * "top5" and "mAP" (percent).
 */
export function evaluationOf({ query, gallery, dataset, backfill }: Evaluation): Request {
  if (backfill === undefined) return request(evaluate, { query, gallery, dataset });
  return request(fillBack, { query, gallery, dataset, backfill });
}

const evaluate: Step<Evaluation> = {
  kind: "evaluate",
  version: 1,
  inputs: ({ query, gallery, dataset }) => [embeddingOf(query, dataset), embeddingOf(gallery, dataset)],
  label: ({ query, gallery }) => `${describe(query)} searching ${describe(gallery)}`,
  cost: ({ query, dataset }) => searchCost(dataset, dimensionsOf(query)),
  run: async ({ dataset }, [queries, gallery]) => {
    const { labels } = (await loadDataset(dataset)).test;
    const result = await evaluateRetrieval({
      query: embeddingsIn(queries),
      gallery: embeddingsIn(gallery),
      labels,
      excludeSelf: true,
    });
    const { top1, top5, mAP, skipped } = result;
    return { arrays: {}, facts: { top1: 100 * top1, top5: 100 * top5, mAP: 100 * mAP, skipped } };
  },
};

const fillBack: Step<Required<Evaluation>> = {
  kind: "backfill",
  version: 1,
  inputs: ({ query, gallery, dataset, backfill }) =>
    [query, gallery, backfill.next].map((model) => embeddingOf(model, dataset)),
  label: ({ query, gallery, backfill }) => `${describe(query)} searching ${describe(gallery)}, ${backfill.order} order`,
  cost: ({ query, dataset }) => 4 * searchCost(dataset, dimensionsOf(query)),
  run: async ({ dataset, backfill }, [queries, gallery, next]) => {
    const { labels } = (await loadDataset(dataset)).test;
    const both = { gallery: embeddingsIn(gallery), next: embeddingsIn(next) };
    const order = backfillOrder(labels.length, orderOf(backfill, gallery, both, labels));
    const { shares, ...curve } = backfillCurve({
      ...both,
      query: embeddingsIn(queries),
      labels,
      excludeSelf: true,
      order,
    });
    const percent = Object.entries(curve).map(([name, values]) => [name, values.map((value) => 100 * value)] as const);
    return {
      arrays: Object.fromEntries(
        [["shares", shares] as const, ...percent].map(([name, values]) => [name, row(values)]),
      ),
      facts: Object.fromEntries(percent.map(([name, values]) => [name, mean(values)])),
    };
  },
};

/** The order of a backfill, from the embeddings of the gallery and of what replaces it. */
export function orderOf(
  { order, seed }: Backfill,
  upgradedGallery: Artifact | undefined,
  both: Pick<Parameters<typeof backfillCurve>[0], "gallery" | "next">,
  labels: Int32Array,
): BackfillOrder {
  switch (order) {
    case "random":
      return { kind: order, seed };
    case "uncertainty":
      return { kind: order, logVariance: logVarianceIn(upgradedGallery) };
    case "oracle":
      return { kind: order, ...both };
    case "class-mean":
      return { kind: order, gallery: both.gallery, labels };
  }
}

function row(values: readonly number[]): { readonly shape: readonly number[]; readonly data: Float32Array } {
  return { shape: [values.length], data: Float32Array.from(values) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
