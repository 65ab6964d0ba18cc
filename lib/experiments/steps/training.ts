import { type Request, request, type Step, type StepContext } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import { type Matrix, matrix } from "../../core/matrix";
import { arrayNamed, type NamedArrays } from "../../core/named-arrays";
import { selectedImages } from "../../data/dataset-size";
import { principalComponents, project } from "../../statistics/principal-components";
import { trainTransformation } from "../../training/transformation";
import type { TransformationData } from "../../training/transformation-data";
import { needsClassifier } from "../../training/transformation-loss";
import { describe } from "../model/describe";
import { type Backbone, type Chain, dimensionsOf, type Model, type Upgrade } from "../model/model";
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
  inputs: (model) => {
    const { old, side, target, recipe } = model;
    const embeddings = [old, side ?? old, target].map((model) => trainingViews(model, target, recipe));
    const classifier = needsClassifier(recipe) ? [imageTrainingOf(target)] : [];
    return [...embeddings, ...classifier, ...sideComponentsOf(model)];
  },
  label: describe,
  cost: transformationCost,
  slowness: () => transformationSlowness,
  needs: transformationNeeds,
  run: async (model, inputs, context) => {
    const { recipe, target } = model;
    warnIfSlow(recipe, context);
    const [old, whole, next] = threeEmbeddings(inputs);
    const side = storedSide(model, whole, inputs);
    const weights = needsClassifier(recipe) ? inputs[3]?.arrays : undefined;
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

/** What an upgrade needs to reduce its side-information, the last of its inputs; mostly nothing. */
export function sideComponentsOf(model: Upgrade): readonly Request[] {
  return model.sideComponents === undefined ? [] : [request(findComponents, model)];
}

const findComponents: Step<Upgrade> = {
  kind: "side components",
  version: 1,
  inputs: ({ side, old, recipe }) => [trainingViews(side ?? old, old, recipe)],
  label: ({ side, old, sideComponents }) => `${sideComponents} principal components of ${describe(side ?? old)}`,
  cost: ({ side, old, recipe }) => recipe.views * selectedImages(old.recipe) * dimensionsOf(side ?? old) ** 2,
  run: async ({ sideComponents }, [embeddings]) => {
    const { mean, directions } = principalComponents(embeddingsIn(embeddings), sideComponents);
    const { rows, columns, data } = directions;
    return {
      arrays: {
        mean: { shape: [columns], data: Float32Array.from(mean) },
        directions: { shape: [rows, columns], data },
      },
      facts: {},
    };
  },
};

/** What is stored of side-information: all of it, or its components. */
export function storedSide({ sideComponents }: Upgrade, side: Matrix, inputs: readonly Artifact[]): Matrix {
  if (sideComponents === undefined) return side;
  const arrays = inputs.at(-1)?.arrays ?? {};
  const mean = Float64Array.from(arrayNamed(arrays, "mean").data);
  const directions = matrix(sideComponents, mean.length, arrayNamed(arrays, "directions").data as Float32Array);
  return project(side, { mean, directions });
}
