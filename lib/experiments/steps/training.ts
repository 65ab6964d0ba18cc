import { type Request, request, type Step, type StepContext } from "../../core/artifacts/step";
import type { Artifact } from "../../core/artifacts/store";
import type { Matrix } from "../../core/matrix";
import { arrayNamed, type NamedArrays } from "../../core/named-arrays";
import { selectedImages } from "../../data/dataset-size";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { selectedSplit } from "../../data/splits/class-selection";
import { contentHash } from "../../data/splits/content-hash";
import type { Dataset } from "../../data/splits/dataset";
import { bfloat16Lack } from "../../tf/device";
import type { PrecisionOf } from "../../tf/graph/precision";
import { type BackboneRecipe, trainBackbone } from "../../training/backbone";
import { normalisesEmbeddings } from "../../training/backbone-loss";
import { type EmbeddingNetwork, embedImages, type Views } from "../../training/embed";
import type { Fitted } from "../../training/loop/fit";
import type { TrainingContext } from "../../training/loop/not-captured";
import { trainSideInformation } from "../../training/side-information";
import { trainTransformation } from "../../training/transformation";
import type { TransformationData } from "../../training/transformation-data";
import { needsClassifier } from "../../training/transformation-loss";
import { describe } from "../model/describe";
import type { Backbone, Chain, ImageModel, Model, Upgrade } from "../model/model";
import { embeddingArtifact, embeddingsIn } from "./artifacts";
import {
  embeddingCost,
  embeddingNeeds,
  trainingCost,
  trainingNeeds,
  trainingSlowness,
  transformationCost,
  transformationNeeds,
  transformationSlowness,
} from "./cost";
import { oldModelOf } from "./old-model";

/** The weights of a model; fact "losses": the mean loss of each epoch. */
export function trainingOf(model: Exclude<Model, Chain>): Request {
  return model.kind === "upgrade" ? request(trainUpgrade, model) : request(trainImageModel, model);
}

const trainImageModel: Step<ImageModel> = {
  kind: "train",
  version: 2,
  inputs: (model) => {
    if (!("old" in model)) return [];
    const old = trainingOf(model.old);
    if (model.kind === "distilled") return model.next === null ? [old] : [old, trainingOf(model.next)];
    if (model.kind === "aligned" || model.judge === undefined) return [old];
    return [old, request(embedViews, { model: model.old, target: model.recipe, views: null })];
  },
  label: describe,
  cost: trainingCost,
  slowness: trainingSlowness,
  needs: trainingNeeds,
  run: async (model, [old, further], stepContext) => {
    warnIfSlow(model.recipe, stepContext);
    const context = listening(stepContext, model.recipe);
    const dataset = await readDataset(model.recipe.dataset, stepContext);
    if (model.kind === "side-information")
      return fittedArtifact(await trainSideInformation(model.recipe, dataset, context));
    const weights = old?.arrays ?? {};
    const term = oldModelOf(model, weights, { further, dataset });
    return fittedArtifact(await trainBackbone(model.recipe, dataset, context, term));
  },
};

/** A step's context that tells the user, and the record, why its work is not captured. */
export function listening(context: StepContext, { precision }: PrecisionOf): TrainingContext {
  const how = precision === "bfloat16" ? "op by op and in float32 instead of bfloat16" : "op by op";
  const onNotCaptured = (reason: string): void => {
    context.warn(`runs ${how}, which is slower, since ${reason}`);
    context.record("notCaptured", reason);
  };
  return { ...context, onNotCaptured };
}

function warnIfSlow({ precision }: PrecisionOf, { warn }: StepContext): void {
  const lack = precision === "bfloat16" ? bfloat16Lack() : null;
  if (lack !== null) warn(`bfloat16 will be slow, slower than float32, without ${lack}`);
}

/** The training images of `target` under `views`, or as they are (null), embedded by `model`. */
interface TrainingViews {
  readonly model: ImageModel;
  readonly target: BackboneRecipe;
  readonly views: Views | null;
}

const embedViews: Step<TrainingViews> = {
  kind: "views",
  version: 1,
  inputs: ({ model }) => [trainingOf(model)],
  label: ({ model, views }) =>
    `${views === null ? "training images" : `${views.count} views`} embedded by ${describe(model)}`,
  cost: ({ model, target, views }) => embeddingCost(model, (views?.count ?? 1) * selectedImages(target)),
  needs: ({ model, target, views }) => embeddingNeeds(model, (views?.count ?? 1) * selectedImages(target)),
  run: async ({ model, target, views }, [weights], context) => {
    const split = trainingSplit(target, await readDataset(target.dataset, context));
    return embeddingArtifact(
      await embedImages(network(model, weights), split, views, listening(context, model.recipe)),
    );
  },
};

function trainingSplit({ classes }: BackboneRecipe, { train }: Dataset): Dataset["train"] {
  return selectedSplit(train, classes);
}

/** The dataset of a recipe, whose content hash goes to the record of the step that reads it. */
export async function readDataset(recipe: DatasetRecipe, { record }: StepContext): Promise<Dataset> {
  const dataset = await loadDataset(recipe);
  record("dataset", await contentHash(dataset));
  return dataset;
}

const trainUpgrade: Step<Upgrade> = {
  kind: "transform",
  version: 2,
  inputs: ({ old, side, target, recipe }) => {
    const views = { count: recipe.views, augmentation: target.recipe.augmentation, seed: recipe.seed };
    const embeddings = [old, side ?? old, target].map((model) =>
      request(embedViews, { model, target: target.recipe, views }),
    );
    return needsClassifier(recipe) ? [...embeddings, trainingOf(target)] : embeddings;
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

/** What embeds images for a model. */
export function network(model: ImageModel, weights: Artifact | undefined): EmbeddingNetwork {
  const unit = model.kind !== "side-information" && normalisesEmbeddings(model.recipe);
  const { architecture, precision } = model.recipe;
  return { architecture, weights: weights?.arrays ?? {}, unit, precision };
}

function fittedArtifact({ weights, losses }: Fitted): Artifact {
  return { arrays: weights, facts: { losses } };
}

function threeEmbeddings([old, side, target]: readonly Artifact[]): [Matrix, Matrix, Matrix] {
  return [embeddingsIn(old), embeddingsIn(side), embeddingsIn(target)];
}
