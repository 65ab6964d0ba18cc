import { fittedHead } from "../../adapters/uncertainty-head";
import { type Request, request, type Step } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import type { Matrix } from "../../core/matrix";
import { arrayNamed } from "../../core/named-arrays";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { squaredDistance } from "../../retrieval/metrics/squared-distance";
import { rankCorrelation } from "../../statistics/rank-correlation";
import { crossEntropies } from "../../training/class-scores";
import { describe } from "../model/describe";
import { datasetOf, type Upgrade } from "../model/model";
import { embeddingsIn, logVarianceIn } from "./artifacts";
import { embeddingOf } from "./embedding";
import { trainingOf } from "./training";

/**
 * The head that predicts s: h's own, learned with h, or "held-out": fitted on the images that the
 * dataset of all of h's models holds out, where h errs as it does on images to come.
 */
export type Head = "held-out";

/** The test images of `dataset` as FastFill's h maps them. */
interface Mapped {
  readonly model: Upgrade;
  readonly dataset: DatasetRecipe;
}

/** What the held-out head predicts: array "logVariance" [test images]. */
export function heldOutLogVariance(mapped: Mapped): Request {
  return request(refitted, mapped);
}

const refitted: Step<Mapped> = {
  kind: "held-out head",
  version: 1,
  inputs: ({ model, dataset }) => [
    embeddingOf(model, dataset),
    embeddingOf(model, datasetOf(model)),
    embeddingOf(model.target, datasetOf(model)),
    trainingOf(model.target),
  ],
  label: ({ model }) => `uncertainty on held-out images of ${describe(model)}`,
  cost: () => 0,
  run: async ({ model }, [test, heldOut, next, weights]) => {
    const { labels } = (await loadDataset(datasetOf(model))).test;
    const mapped = embeddingsIn(heldOut);
    const errors = trueErrors(model, { mapped, real: embeddingsIn(next), labels, weights });
    const predict = await fittedHead(mapped, errors);
    const data = predict(embeddingsIn(test));
    return { arrays: { logVariance: { shape: [data.length], data } }, facts: {} };
  },
};

/** Whose prediction is compared; h's own head by default. */
interface Predicted extends Mapped {
  readonly head?: Head;
}

/**
 * How well FastFill's h knows its error on the test images: facts "rankCorrelation" (Spearman's, of
 * the predicted log variance and the true error), "predictedError" (mean of exp s) and "trueError".
 */
export const calibration: Step<Predicted> = {
  kind: "calibration",
  version: 1,
  inputs: ({ model, dataset, head }) => [
    embeddingOf(model, dataset),
    embeddingOf(model.target, dataset),
    trainingOf(model.target),
    ...(head === undefined ? [] : [heldOutLogVariance({ model, dataset })]),
  ],
  label: ({ model }) => `calibration of ${describe(model)}`,
  cost: () => 0,
  run: async ({ model, dataset }, [mapped, next, weights, head = mapped]) => {
    const { labels } = (await loadDataset(dataset)).test;
    const errors = trueErrors(model, { mapped: embeddingsIn(mapped), real: embeddingsIn(next), labels, weights });
    const predicted = logVarianceIn(head);
    const facts = {
      rankCorrelation: rankCorrelation(predicted, errors),
      predictedError: mean(predicted.map(Math.exp)),
      trueError: mean(errors),
    };
    return { arrays: {}, facts };
  },
};

/** Images as FastFill's h maps them, and as its target embeds them. */
interface Compared {
  readonly mapped: Matrix;
  readonly real: Matrix;
  readonly labels: Int32Array;
  /** The target's weights. */
  readonly weights: Artifact | undefined;
}

/**
 * What FastFill's s is to know of each image: h's mean squared error plus, weighted as in its loss,
 * the cross-entropy of the target's classifier, without smoothing: [images].
 */
function trueErrors({ target, recipe }: Upgrade, { mapped, real, labels, weights }: Compared): Float64Array {
  const classifier = { loss: target.recipe.loss, classifier: arrayNamed(weights?.arrays ?? {}, "classifier") };
  const weight = recipe.loss?.kind === "fastfill" ? recipe.loss.weight : 1;
  return Float64Array.from(crossEntropies(mapped, labels, classifier), (loss, image) => {
    return squaredDistance(mapped, image, real, image) / mapped.columns + weight * loss;
  });
}

function mean(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
