import { isTrained } from "../../adapters/kind";
import type { Needs } from "../../core/artifacts/step";
import { selectedImages, sizeOf } from "../../data/dataset-size";
import type { DatasetRecipe } from "../../data/load-dataset";
import {
  activationValues,
  multiplications,
  parameterCount,
  transformationMultiplications,
} from "../../nn/networks/operations";
import { viewsOf } from "../../training/side-information";
import { type Adapted, dimensionsOf, endsOf, type ImageModel, type Upgrade } from "../model/model";

// Work is counted in multiply-adds of convolutions and matrix products, to estimate times.
// A backward pass counts as two forward passes.

/** Work of training an image model: every view, forwards and backwards, in every epoch. */
export function trainingCost(model: ImageModel): number {
  const { recipe } = model;
  const views = "kind" in recipe ? viewsOf(recipe) : 1;
  const old = teachersOfImages(model).reduce((sum, teacher) => sum + multiplicationsOf(teacher), 0);
  return (3 * multiplicationsOf(model) + old) * views * recipe.schedule.epochs * selectedImages(recipe);
}

/** The networks whose outputs a training needs for every view. */
function teachersOfImages(model: ImageModel): readonly ImageModel[] {
  if (model.kind === "aligned") return [model.old];
  if (model.kind !== "distilled") return [];
  return model.next === null ? [model.old] : [model.old, model.next];
}

// Measured on two cores, where a ResNet-18 does some 70 billion multiply-adds a second.
const smallNetSlowness = 2;
const autoencoderSlowness = 6;

/** How many times as long as in a ResNet-18 a multiply-add takes in learning h. */
export const transformationSlowness = 1.7;

/**
 * How many times as long as in a ResNet-18 a multiply-add takes in a training: the layers of small
 * convolution nets have few channels, and the decoder of an autoencoder is not counted.
 */
export function trainingSlowness({ recipe }: ImageModel): number {
  if ("kind" in recipe && recipe.kind === "autoencoder") return autoencoderSlowness;
  return recipe.architecture.kind === "convolution-net" ? smallNetSlowness : 1;
}

/** Work of embedding a number of images. */
export function embeddingCost(model: ImageModel, images: number): number {
  return images * multiplicationsOf(model);
}

/** Work of training h on every cached row, every epoch. */
export function transformationCost(model: Upgrade): number {
  const { recipe, target } = model;
  const rows = selectedImages(target.recipe) * recipe.views * (recipe.share ?? 1);
  return 3 * rows * recipe.schedule.epochs * multiplicationsOf(model);
}

/** Work of learning an adapter: every row in every epoch, or once for a closed form. */
export function adapterCost(model: Adapted): number {
  const { recipe, target } = model;
  const rows = selectedImages(target.recipe) * recipe.views * recipe.share;
  return isTrained(recipe.kind)
    ? 3 * rows * recipe.epochs * adapterMultiplications(model)
    : rows * inputsOf(model) ** 2;
}

/** Work of comparing every test item with every other by vectors of the given dimensions. */
export function searchCost(dataset: DatasetRecipe, dimensions: number): number {
  return sizeOf(dataset).test ** 2 * dimensions;
}

/**
 * The images that a training goes through, and the memory of one step: the activations that the
 * backward pass needs of one part of a batch, and the state.
 */
export function trainingNeeds({ recipe }: ImageModel): Needs {
  const { architecture, batchSize, dataset, schedule } = recipe;
  const views = "kind" in recipe ? viewsOf(recipe) : 1;
  const parts = ("accumulation" in recipe ? recipe.accumulation : undefined) ?? 1;
  const images = (views * batchSize) / parts;
  // Weights, gradients and the optimizer's slots.
  const state = parameterCount(architecture) * (recipe.optimizer.kind === "adam" ? 4 : 3);
  const bytes = 4 * (images * activationValues(architecture, dataset.side) + state);
  return { items: views * schedule.epochs * selectedImages(recipe), bytes };
}

/** The rows that h learns from in all epochs, and the memory of the cached embeddings. */
export function transformationNeeds(model: Upgrade): Needs {
  const { recipe, target } = model;
  const rows = selectedImages(target.recipe) * recipe.views;
  const values = dimensionsOf(model.old) + dimensionsOf(model.side ?? model.old) + dimensionsOf(target);
  return { items: rows * (recipe.share ?? 1) * recipe.schedule.epochs, bytes: 4 * rows * values };
}

/** The images to embed, and the memory of their embeddings. */
export function embeddingNeeds(model: ImageModel, images: number): Needs {
  return { items: images, bytes: 4 * images * dimensionsOf(model) };
}

/** Multiply-adds to embed one image, or to map one stored vector. */
export function multiplicationsOf(model: ImageModel | Upgrade): number {
  if (model.kind !== "upgrade") return multiplications(model.recipe.architecture, model.recipe.dataset.side);
  const { old, target, recipe, sideComponents } = model;
  const { inner, layers, linear } = recipe;
  const side = sideComponents ?? dimensionsOf(model.side ?? old);
  const sizes = { old: dimensionsOf(old), side, target: dimensionsOf(target) };
  return transformationMultiplications({ ...sizes, inner, layers, linear });
}

/** Multiply-adds to map one embedding by an adapter. */
export function adapterMultiplications(model: Adapted): number {
  const { recipe, old, side } = model;
  const { inner, rank, kind } = recipe;
  const target = dimensionsOf(endsOf(model).to);
  switch (kind) {
    case "fct":
    case "fastfill": {
      const from = dimensionsOf(endsOf(model).from);
      return transformationMultiplications({ old: from, side: dimensionsOf(side ?? old), target, inner });
    }
    case "residual":
      return inputsOf(model) * (inner + target) + inner * target;
    case "low-rank":
      return rank * (inputsOf(model) + target);
    case "linear":
    case "procrustes":
      return inputsOf(model) * target;
  }
}

/** Dimensions of a stored vector and its side-information. */
function inputsOf(model: Adapted): number {
  return dimensionsOf(endsOf(model).from) + (model.side === null ? 0 : dimensionsOf(model.side));
}
