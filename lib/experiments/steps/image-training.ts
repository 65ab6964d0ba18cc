import { basename } from "node:path";
import { type Request, request, type Step, type StepContext } from "../../core/artifacts/step";
import { type Artifact, readSealed } from "../../core/artifacts/store";
import { InputError } from "../../core/input-error";
import { selectedImages } from "../../data/dataset-size";
import { type DatasetRecipe, loadDataset } from "../../data/load-dataset";
import { selectedSplit } from "../../data/splits/class-selection";
import { contentHash } from "../../data/splits/content-hash";
import type { Dataset } from "../../data/splits/dataset";
import { bfloat16Lack } from "../../tf/device";
import type { PrecisionOf } from "../../tf/graph/precision";
import { type BackboneRecipe, type ImportedWeights, trainBackbone } from "../../training/backbone";
import { normalisesEmbeddings } from "../../training/backbone-loss";
import { type EmbeddingNetwork, embedImages, type Views } from "../../training/embed";
import type { Fitted } from "../../training/loop/fit";
import type { TrainingContext } from "../../training/loop/not-captured";
import { trainSideInformation } from "../../training/side-information";
import { describe } from "../model/describe";
import type { Backbone, ImageModel } from "../model/model";
import { embeddingArtifact } from "./artifacts";
import { embeddingCost, embeddingNeeds, trainingCost, trainingNeeds, trainingSlowness } from "./cost";
import { oldModelOf } from "./old-model";

/** The weights of a model of images; fact "losses": the mean loss of each epoch. */
export function imageTrainingOf(model: ImageModel): Request {
  const given = "imported" in model.recipe ? model.recipe.imported : undefined;
  return given === undefined ? request(trainImageModel, model) : importOf(given);
}

/** Weights from a file in the place of a training. */
export function importOf(weights: ImportedWeights): Request {
  return request(importWeights, weights);
}

const importWeights: Step<ImportedWeights> = {
  kind: "import",
  version: 1,
  inputs: () => [],
  label: ({ path }) => `weights of ${basename(path)}`,
  cost: () => 0,
  run: async (weights) => importedArtifact(weights),
};

/** The weights of an imported model. Throws InputError if the file has changed since. */
function importedArtifact({ path, sha256 }: ImportedWeights): Artifact {
  const { artifact, digest } = readSealed(path);
  if (digest === sha256) return { arrays: artifact.arrays, facts: { losses: [] } };
  const fault = "holds other weights than when the model was declared";
  throw new InputError({ file: path, fault, remedy: "declare it again" });
}

const trainImageModel: Step<ImageModel> = {
  kind: "train",
  version: 2,
  inputs: (model) => {
    if (!("old" in model)) return [];
    const old = imageTrainingOf(model.old);
    if (model.kind === "distilled") return model.next === null ? [old] : [old, imageTrainingOf(model.next)];
    if (model.kind === "aligned" || model.judge === undefined) return [old];
    return [
      old,
      request(embedViews, { model: model.old, target: model.recipe, views: null, ...roundingOf(model.old) }),
    ];
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

/** Warns where a training in bfloat16 takes longer than in float32. */
export function warnIfSlow({ precision }: PrecisionOf, { warn }: StepContext): void {
  const lack = precision === "bfloat16" ? bfloat16Lack() : null;
  if (lack !== null) warn(`bfloat16 will be slow, slower than float32, without ${lack}`);
}

/** The training images of `target` under `views`, or as they are (null), embedded by `model`. */
interface TrainingViews {
  readonly model: ImageModel;
  readonly target: BackboneRecipe;
  readonly views: Views | null;
}

/** The training images of `target` under views, embedded by a model that they are cached of. */
export function trainingViews(
  model: ImageModel,
  { recipe: target }: Backbone,
  { views: count, seed }: { readonly views: number; readonly seed: number },
): Request {
  const views = { count, augmentation: target.augmentation, seed };
  return request(embedViews, { model, target, views, ...roundingOf(model) });
}

const embedViews: Step<TrainingViews> = {
  kind: "views",
  version: 1,
  inputs: ({ model }) => [imageTrainingOf(model)],
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

/** Part of the key of embeddings: at bfloat16, which roundings they are made of. */
export function roundingOf({ recipe }: ImageModel): { readonly rounding?: number } {
  return recipe.precision === "bfloat16" ? { rounding: 2 } : {};
}

/** The training images of a recipe's classes. */
export function trainingSplit({ classes }: BackboneRecipe, { train }: Dataset): Dataset["train"] {
  return selectedSplit(train, classes);
}

/** The dataset of a recipe, whose content hash goes to the record of the step that reads it. */
export async function readDataset(recipe: DatasetRecipe, { record }: StepContext): Promise<Dataset> {
  const dataset = await loadDataset(recipe);
  record("dataset", await contentHash(dataset));
  return dataset;
}

/** What embeds images for a model. */
export function network(model: ImageModel, weights: Artifact | undefined): EmbeddingNetwork {
  const unit = model.kind !== "side-information" && normalisesEmbeddings(model.recipe);
  const { architecture, precision } = model.recipe;
  return { architecture, weights: weights?.arrays ?? {}, unit, precision };
}

/** Trained weights as an artifact. */
export function fittedArtifact({ weights, losses }: Fitted): Artifact {
  return { arrays: weights, facts: { losses } };
}
