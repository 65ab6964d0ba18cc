import { type Request, request, type Step } from "../../core/step";
import type { Artifact } from "../../core/store";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { backfillCurve } from "../../retrieval/backfill";
import { type BackfillOrder, backfillOrder } from "../../retrieval/backfill-order";
import { evaluateRetrieval } from "../../retrieval/evaluate";
import { describe } from "../model/describe";
import { dimensionsOf, type ImageModel, type Model } from "../model/model";
import { embeddingsIn, logVarianceIn } from "./artifacts";
import { searchCost } from "./cost";
import { embeddingOf } from "./embedding";

/** Who searches what. */
export interface Pair {
  readonly query: Model;
  readonly gallery: Model;
}

/** Every test image of `dataset` is a query, and all others are its gallery. */
export interface Evaluation extends Pair {
  readonly dataset: DatasetRecipe;
  /** The gallery is replaced bit by bit; the metrics are then the means over all shares (FastFill's AUC). */
  readonly backfill?: Backfill;
}

/** Gallery items give way to `next`'s own embeddings in this order (FastFill): see backfillOrder. */
export interface Backfill {
  readonly next: ImageModel;
  readonly order: "random" | "uncertainty" | "oracle" | "class-mean";
  readonly seed: number;
}

/**
 * Top-1, top-5 and mAP in percent as facts "top1", "top5", "mAP", and queries skipped as "skipped"; of a backfill the means over its curve,
 * which is in arrays "shares", "top1", "top5" and "mAP" (shares from 0 to 1, percent).
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
    const result = await evaluateRetrieval({ query: embeddingsIn(queries), gallery: embeddingsIn(gallery), labels });
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
    const { shares, ...curve } = backfillCurve({ ...both, query: embeddingsIn(queries), labels, order });
    const percent = Object.entries(curve).map(([name, values]) => [name, values.map((value) => 100 * value)] as const);
    return {
      arrays: Object.fromEntries(
        [["shares", shares] as const, ...percent].map(([name, values]) => [name, row(values)]),
      ),
      facts: Object.fromEntries(percent.map(([name, values]) => [name, mean(values)])),
    };
  },
};

function orderOf(
  { order, seed }: Backfill,
  mapped: Artifact | undefined,
  both: Pick<Parameters<typeof backfillCurve>[0], "gallery" | "next">,
  labels: Int32Array,
): BackfillOrder {
  switch (order) {
    case "random":
      return { kind: order, seed };
    case "uncertainty":
      return { kind: order, logVariance: logVarianceIn(mapped) };
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
