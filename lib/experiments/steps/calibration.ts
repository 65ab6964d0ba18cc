import type { Request, Step } from "../../core/artifacts/step";
import { arrayNamed } from "../../core/named-arrays";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { squaredDistance } from "../../retrieval/metrics/squared-distance";
import { rankCorrelation } from "../../statistics/rank-correlation";
import { crossEntropies } from "../../training/class-scores";
import { describe } from "../model/describe";
import type { Upgrade } from "../model/model";
import { embeddingsIn, logVarianceIn } from "./artifacts";
import { embeddingOf } from "./embedding";
import { trainingOf } from "./training";

/** An upgrade by FastFill's h, and the test images that it maps. */
interface Mapped {
  readonly model: Upgrade;
  readonly dataset: DatasetRecipe;
}

/**
 * How well FastFill's h knows its error on the test images: facts "rankCorrelation" (Spearman's, of
 * the predicted log variance and the true error), "predictedError" (mean of exp s) and "trueError".
 * The error is what s learns: the squared error plus the new classifier's loss, without smoothing.
 */
export const calibration: Step<Mapped> = {
  kind: "calibration",
  version: 1,
  inputs: ({ model, dataset }): readonly Request[] => [
    embeddingOf(model, dataset),
    embeddingOf(model.target, dataset),
    trainingOf(model.target),
  ],
  label: ({ model }) => `calibration of ${describe(model)}`,
  cost: () => 0,
  run: async ({ model: { target, recipe }, dataset }, [mapped, next, weights]) => {
    const { labels } = (await loadDataset(dataset)).test;
    const [made, real] = [embeddingsIn(mapped), embeddingsIn(next)];
    const classifier = { loss: target.recipe.loss, classifier: arrayNamed(weights?.arrays ?? {}, "classifier") };
    const weight = recipe.loss?.kind === "fastfill" ? recipe.loss.weight : 1;
    const classification = crossEntropies(made, labels, classifier);
    const errors = Float64Array.from(classification, (loss, item) => {
      return squaredDistance(made, item, real, item) / made.columns + weight * loss;
    });
    const predicted = logVarianceIn(mapped);
    const facts = {
      rankCorrelation: rankCorrelation(predicted, errors),
      predictedError: mean(predicted.map(Math.exp)),
      trueError: mean(errors),
    };
    return { arrays: {}, facts };
  },
};

function mean(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
