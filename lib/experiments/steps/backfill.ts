import type { Request, Step } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import { unexpected } from "../../core/check";
import type { Matrix } from "../../core/matrix";
import { arrayNamed } from "../../core/named-arrays";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { type BackfillPerQuery, backfillCurve } from "../../retrieval/backfill";
import { type BackfillOrder, backfillOrder } from "../../retrieval/backfill-order";
import { crossEntropies, entropies, type TrainedClassifier } from "../../training/class-scores";
import { describe } from "../model/describe";
import { dimensionsOf, type ImageModel, type Model } from "../model/model";
import { packedQueries } from "../results/query-results";
import { embeddingsIn, logVarianceIn } from "./artifacts";
import { type Head, heldOutLogVariance } from "./calibration";
import { searchCost } from "./cost";
import { embeddingOf } from "./embedding";
import { trainingOf } from "./training";

/** FastFill: gallery items are re-embedded by `next` in this order; see `backfillOrder`. */
export interface Backfill {
  readonly next: ImageModel;
  readonly order:
    | "random"
    /** FastFill's prediction; see `head`. */
    | "uncertainty"
    /** The entropy of the new model's classifier on the mapped gallery, which needs no training. */
    | "entropy"
    | "class-mean"
    /** Known only in hindsight: the distance to the new embedding; the classifier's loss. */
    | "true-distance"
    | "cross-entropy";
  readonly seed: number;
  /** What predicts the uncertainty; h's own head by default. */
  readonly head?: Head;
  /** Random orders, over which the curve is averaged; 1 by default. */
  readonly permutations?: number;
}

/** A gallery that is filled back while it is searched. */
interface Filling {
  readonly query: Model;
  readonly gallery: Model;
  readonly dataset: DatasetRecipe;
  readonly distance?: "cosine";
  readonly backfill: Backfill;
}

/** Does the order ask the new model's classifier? */
export function asksClassifier({ order }: Backfill): boolean {
  return order === "entropy" || order === "cross-entropy";
}

/** The curve of a backfill, see `evaluationOf`. */
export const fillBack: Step<Filling> = {
  kind: "backfill",
  version: 2,
  inputs: ({ query, gallery, dataset, backfill }) => [
    ...[query, gallery, backfill.next].map((model) => embeddingOf(model, dataset)),
    ...scorerOf(gallery, dataset, backfill),
  ],
  label: ({ query, gallery, backfill }) => `${describe(query)} searching ${describe(gallery)}, ${backfill.order} order`,
  cost: ({ query, dataset, backfill: { permutations = 1 } }) =>
    4 * permutations * searchCost(dataset, dimensionsOf(query)),
  run: async ({ dataset, backfill, distance }, [queries, gallery, next, scorer], { progress, signal }) => {
    const { labels } = (await loadDataset(dataset)).test;
    const both = { gallery: embeddingsIn(gallery), next: embeddingsIn(next) };
    const input = { ...both, query: embeddingsIn(queries), labels, excludeSelf: true, ...(distance && { distance }) };
    const { permutations = 1 } = backfill;
    const curves: ReturnType<typeof backfillCurve>[] = [];
    for (let permutation = 0; permutation < permutations; permutation++) {
      signal.throwIfAborted();
      const order = orderOf(backfill, { ...both, labels, upgraded: gallery, scorer, permutation });
      curves.push(backfillCurve({ ...input, order: backfillOrder(labels.length, order) }));
      progress.report((permutation + 1) / permutations, `${permutation + 1}/${permutations} orders`);
    }
    return curveArtifact(labels, curves);
  },
};

/** What scores the images beside their embeddings: the new model's weights, or another head. */
function scorerOf(gallery: Model, dataset: DatasetRecipe, backfill: Backfill): readonly Request[] {
  if (asksClassifier(backfill)) return [trainingOf(backfill.next)];
  if (backfill.head === undefined) return [];
  if (gallery.kind !== "upgrade") throw unexpected("gallery of a held-out head", "an upgrade", describe(gallery));
  return [heldOutLogVariance({ model: gallery, dataset })];
}

/** What an order may be made of. */
interface Known {
  readonly gallery: Matrix;
  readonly next: Matrix;
  readonly labels: Int32Array;
  /** The gallery as an upgrade maps it. */
  readonly upgraded: Artifact | undefined;
  /** See `scorerOf`. */
  readonly scorer: Artifact | undefined;
  /** The number of the random order. */
  readonly permutation: number;
}

function orderOf({ order, seed, next: model, head }: Backfill, known: Known): BackfillOrder {
  const { gallery, next, labels, upgraded, scorer, permutation } = known;
  switch (order) {
    case "random":
      return { kind: order, seed, permutation };
    case "uncertainty":
      return { kind: order, logVariance: logVarianceIn(head === undefined ? upgraded : scorer) };
    case "entropy":
      return { kind: "score", score: entropies(gallery, classifierIn(model, scorer)) };
    case "class-mean":
      return { kind: order, gallery, labels };
    case "true-distance":
      return { kind: order, gallery, next };
    case "cross-entropy":
      return { kind: "score", score: crossEntropies(gallery, labels, classifierIn(model, scorer)) };
  }
}

function classifierIn({ recipe }: Backfill["next"], weights: Artifact | undefined): TrainedClassifier {
  return {
    loss: "loss" in recipe ? recipe.loss : undefined,
    classifier: arrayNamed(weights?.arrays ?? {}, "classifier"),
  };
}

/** The mean of curves: what `evaluationOf` says of a backfill. */
function curveArtifact(labels: Int32Array, curves: readonly ReturnType<typeof backfillCurve>[]): Artifact {
  const mean = (values: readonly ArrayLike<number>[]): Float64Array =>
    Float64Array.from(values[0] ?? [], (_, i) => {
      return values.reduce((sum, each) => sum + (each[i] as number), 0) / values.length;
    });
  const percent = (["top1", "top5", "mAP"] as const).map((metric) => {
    return [metric, mean(curves.map((curve) => curve[metric])).map((value) => 100 * value)] as const;
  });
  const queries = (metric: keyof BackfillPerQuery) => mean(curves.map(({ perQuery }) => perQuery[metric]));
  return {
    arrays: {
      shares: row(curves[0]?.shares ?? []),
      ...Object.fromEntries(percent.map(([name, values]) => [name, row(values)])),
      ...packedQueries(labels, { top1: queries("top1"), top5: queries("top5"), mAP: queries("averagePrecision") }),
    },
    facts: Object.fromEntries(percent.map(([name, values]) => [name, meanOf(values)])),
  };
}

function row(values: ArrayLike<number>): { readonly shape: readonly number[]; readonly data: Float32Array } {
  return { shape: [values.length], data: Float32Array.from(values) };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
