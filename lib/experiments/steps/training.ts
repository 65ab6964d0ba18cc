import { type Request, request, type Step, type StepContext } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import type { Matrix } from "../../core/matrix";
import { arrayNamed, type NamedArrays } from "../../core/named-arrays";
import { trainTransformation } from "../../training/transformation";
import type { TransformationData } from "../../training/transformation-data";
import { needsClassifier } from "../../training/transformation-loss";
import { describe } from "../model/describe";
import type { Backbone, Chain, Model, Upgrade } from "../model/model";
import { adapterOf } from "./adapted";
import { embeddingsIn } from "./artifacts";
import { transformationCost, transformationNeeds, transformationSlowness } from "./cost";
import {
  fittedArtifact,
  imageTrainingOf,
  importOf,
  listening,
  readDataset,
  trainingSplit,
  trainingViews,
  warnIfSlow,
} from "./image-training";

/** The weights of a model; fact "losses": the mean loss of each epoch, if there are any. */
export function trainingOf(model: Exclude<Model, Chain>): Request {
  switch (model.kind) {
    case "upgrade":
      return model.recipe.imported === undefined ? request(trainUpgrade, model) : importOf(model.recipe.imported);
    case "adapted":
      return adapterOf(model);
    case "backbone":
    case "compatible":
    case "aligned":
    case "distilled":
    case "side-information":
      return imageTrainingOf(model);
  }
}

const trainUpgrade: Step<Upgrade> = {
  kind: "transform",
  version: 2,
  inputs: ({ old, side, target, recipe }) => {
    const embeddings = [old, side ?? old, target].map((model) => trainingViews(model, target, recipe));
    return needsClassifier(recipe) ? [...embeddings, imageTrainingOf(target)] : embeddings;
  },
  label: describe,
  cost: transformationCost,
  slowness: () => transformationSlowness,
  needs: transformationNeeds,
  run: async ({ recipe, target }, inputs, context) => {
    warnIfSlow(recipe, context);
    const [old, side, next] = threeEmbeddings(inputs);
    const weights = inputs[3]?.arrays;
    const extra = weights === undefined ? {} : await classification(target, weights, recipe.views, context);
    return fittedArtifact(
      await trainTransformation(recipe, { old, side, target: next, ...extra }, listening(context, recipe)),
    );
  },
};

/** The labels of all views, view after view, and the target's classifier. */
async function classification(
  { recipe }: Backbone,
  weights: NamedArrays,
  views: number,
  context: StepContext,
): Promise<Pick<TransformationData, "labels" | "classifier" | "targetLoss">> {
  const { labels } = trainingSplit(recipe, await readDataset(recipe.dataset, context));
  const repeated = new Int32Array(views * labels.length);
  for (let view = 0; view < views; view++) repeated.set(labels, view * labels.length);
  const { loss } = recipe;
  const classifier = arrayNamed(weights, "classifier");
  return { labels: repeated, classifier, targetLoss: loss };
}

function threeEmbeddings([old, side, target]: readonly Artifact[]): [Matrix, Matrix, Matrix] {
  return [embeddingsIn(old), embeddingsIn(side), embeddingsIn(target)];
}
