import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArrays } from "../core/named-arrays";
import { type Request, request, type Step } from "../core/step";
import type { Artifact } from "../core/store";
import { classesOf } from "../data/class-selection";
import { classSubset } from "../data/class-subset";
import { type DatasetRecipe, loadDataset } from "../data/load-dataset";
import { evaluateRetrieval } from "../retrieval/evaluate-retrieval";
import { type BackboneRecipe, trainBackbone } from "../training/backbone";
import { embedImages, mapEmbeddings, type Views } from "../training/embed";
import type { Fitted } from "../training/fit";
import type { CompatibleWith } from "../training/old-term";
import { trainSideInformation } from "../training/side-information";
import { trainTransformation } from "../training/transformation";
import { embeddingCost, transformationCost } from "./cost";
import { describe } from "./describe";
import type { Compatible, ImageModel, Model, Upgrade } from "./model";

// The kinds of work behind a table: train a model, embed images with it, train h, map with h, evaluate a pair.

/** The weights of a model. Facts: "losses", the mean of each epoch. */
export function trained(model: Model): Request {
  return model.kind === "upgrade" ? request(trainUpgrade, model) : request(trainImageModel, model);
}

/** The embeddings of a dataset's test split, array "embeddings". */
export function embedded(model: Model, dataset: DatasetRecipe): Request {
  return model.kind === "upgrade" ? request(map, { model, dataset }) : request(embedTest, { model, dataset });
}

/** Top-1, top-5 and mAP in percent as facts "top1", "top5", "mAP", the queries skipped as "skipped". */
export function evaluated({ query, gallery, dataset }: Evaluation): Request {
  return request(evaluate, { query, gallery, dataset });
}

/** Who searches what: every test image of `dataset` is a query, and all others are its gallery. */
export interface Evaluation {
  readonly query: Model;
  readonly gallery: Model;
  readonly dataset: DatasetRecipe;
}

interface Embedding<M extends Model> {
  readonly model: M;
  readonly dataset: DatasetRecipe;
}

const trainImageModel: Step<ImageModel> = {
  kind: "train",
  version: 1,
  inputs: (model) => (model.kind === "compatible" ? [trained(model.old)] : []),
  label: describe,
  cost: (model) => embeddingCost(model, "training"),
  run: async (model, inputs, context) => {
    const dataset = await loadDataset(model.recipe.dataset);
    if (model.kind === "side-information")
      return fittedArtifact(await trainSideInformation(model.recipe, dataset, context));
    const old = model.kind === "compatible" ? compatibleWith(model, inputs) : null;
    return fittedArtifact(await trainBackbone(model.recipe, dataset, context, old));
  },
};

function compatibleWith({ old, weight }: Compatible, [artifact]: readonly Artifact[]): CompatibleWith {
  const classifier = { classifier: arrayNamed(artifact?.arrays ?? {}, "classifier") };
  return { kind: "compatible", classifier, oldClasses: old.recipe.classes, weight };
}

const embedTest: Step<Embedding<ImageModel>> = {
  kind: "embed",
  version: 1,
  inputs: ({ model }) => [trained(model)],
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: ({ model }) => embeddingCost(model, "test"),
  run: async ({ model, dataset }, [weights], context) => {
    const { test } = await loadDataset(dataset);
    return embeddingArtifact(await embedImages(network(model, weights), test, null, context));
  },
};

/** The training images of `target` under `views`, embedded by `model`. */
interface ViewsOf {
  readonly model: ImageModel;
  readonly target: BackboneRecipe;
  readonly views: Views;
}

const embedViews: Step<ViewsOf> = {
  kind: "views",
  version: 1,
  inputs: ({ model }) => [trained(model)],
  label: ({ model, views }) => `${views.count} views embedded by ${describe(model)}`,
  cost: ({ model, views }) => views.count * embeddingCost(model, "views"),
  run: async ({ model, target, views }, [weights], context) => {
    const { train } = await loadDataset(target.dataset);
    const split = classSubset(train, classesOf(target.classes, train.classNames));
    return embeddingArtifact(await embedImages(network(model, weights), split, views, context));
  },
};

const trainUpgrade: Step<Upgrade> = {
  kind: "transform",
  version: 1,
  inputs: ({ old, side, target, recipe }) => {
    const views = { count: recipe.views, augmentation: target.recipe.augmentation, seed: recipe.seed };
    return [old, side ?? old, target].map((model) => request(embedViews, { model, target: target.recipe, views }));
  },
  label: describe,
  cost: transformationCost,
  run: async ({ recipe }, inputs, context) => {
    const [old, side, target] = threeEmbeddings(inputs);
    return fittedArtifact(await trainTransformation(recipe, { old, side, target }, context));
  },
};

const map: Step<Embedding<Upgrade>> = {
  kind: "map",
  version: 1,
  inputs: ({ model, dataset }) => {
    return [trained(model), embedded(model.old, dataset), embedded(model.side ?? model.old, dataset)];
  },
  label: ({ model }) => `embeddings of ${describe(model)}`,
  cost: () => 1,
  run: async ({ model }, [weights, old, side]) => {
    const both = { old: embeddingsOf(old), side: embeddingsOf(side) };
    return embeddingArtifact(mapEmbeddings(model.recipe, weights?.arrays ?? {}, both).embeddings);
  },
};

const evaluate: Step<Evaluation> = {
  kind: "evaluate",
  version: 1,
  inputs: ({ query, gallery, dataset }) => [embedded(query, dataset), embedded(gallery, dataset)],
  label: ({ query, gallery }) => `${describe(query)} searching ${describe(gallery)}`,
  cost: () => 1,
  run: async ({ dataset }, [queries, gallery]) => {
    const { labels } = (await loadDataset(dataset)).test;
    const result = await evaluateRetrieval({ query: embeddingsOf(queries), gallery: embeddingsOf(gallery), labels });
    const { top1, top5, mAP, skipped } = result;
    return { arrays: {}, facts: { top1: 100 * top1, top5: 100 * top5, mAP: 100 * mAP, skipped } };
  },
};

function network({ recipe }: ImageModel, weights: Artifact | undefined): Parameters<typeof embedImages>[0] {
  return { architecture: recipe.architecture, weights: weights?.arrays ?? {} };
}

function fittedArtifact({ weights, losses }: Fitted): Artifact {
  return { arrays: weights, facts: { losses } };
}

function embeddingArtifact({ rows, columns, data }: Matrix): Artifact {
  return { arrays: { embeddings: { shape: [rows, columns], data } }, facts: {} };
}

/** The embeddings in an artifact of `embedded`. */
export function embeddingsOf(artifact: Artifact | undefined): Matrix {
  const { shape, data } = arrayNamed((artifact?.arrays ?? {}) as NamedArrays, "embeddings");
  return matrix(shape[0] ?? 0, shape[1] ?? 0, data as Float32Array);
}

function threeEmbeddings([old, side, target]: readonly Artifact[]): [Matrix, Matrix, Matrix] {
  return [embeddingsOf(old), embeddingsOf(side), embeddingsOf(target)];
}
