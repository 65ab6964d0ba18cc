import type { LearnRecipe } from "../../adapters/kind";
import type { DatasetRecipe } from "../../data/load-dataset";
import type { BackboneRecipe } from "../../training/backbone";
import type { ImageDistillation } from "../../training/distilled-term";
import type { SideInformationRecipe } from "../../training/side-information";
import type { TransformationRecipe } from "../../training/transformation";

// A model says how an embedding comes to be. Models nest, and the nesting is the graph of
// dependencies.

/** A classification backbone, trained on its own. */
export interface Backbone {
  readonly kind: "backbone";
  readonly recipe: BackboneRecipe;
}

/** BCT: a backbone trained to stay compatible with `old`, by the loss L_new + weight * L_old. */
export interface Compatible {
  readonly kind: "compatible";
  readonly recipe: BackboneRecipe;
  /** In a sequence of updates, itself compatible with the one before. */
  readonly old: Backbone | Compatible;
  readonly weight: number;
  /**
   * What the old model judges new embeddings by: its own classifier, on the images of its classes,
   * by default; or one made of the class means of its embeddings, on all images.
   */
  readonly judge?: "class-means";
}

/**
 * An L2 baseline: a backbone whose embeddings are aligned with those of `old`, by the loss
 * L_new + weight * mean squared error (our own), or by the squared error of unit vectors alone
 * (openBCT's).
 */
export interface Aligned {
  readonly kind: "aligned";
  readonly recipe: BackboneRecipe;
  readonly old: Backbone;
  readonly weight: number;
  /** If true, there is no loss but the squared error, of unit vectors. */
  readonly alone?: true;
}

/**
 * A backbone that also learns the answers of `old`, so as to keep its right ones: by
 * positive-congruent training, or by MUSCLE's mask, which learns from `next` too.
 */
export interface Distilled {
  readonly kind: "distilled";
  readonly recipe: BackboneRecipe;
  readonly old: Backbone;
  readonly next: Backbone | null;
  readonly distillation: ImageDistillation;
  readonly weight: number;
}

/** A model whose embeddings are stored as side-information. */
export interface SideInformation {
  readonly kind: "side-information";
  readonly recipe: SideInformationRecipe;
}

/** A model that embeds images. */
export type ImageModel = Backbone | Compatible | Aligned | Distilled | SideInformation;

/**
 * A model whose embedding can be stored beside an old one: trained for that, or another backbone.
 */
export type SideModel = SideInformation | Backbone;

/**
 * FCT: h maps the old embedding to `target`'s, with the help of the side-information stored beside
 * it, or without any (null).
 */
export interface Upgrade {
  readonly kind: "upgrade";
  readonly recipe: TransformationRecipe;
  readonly old: Backbone;
  readonly target: Backbone;
  readonly side: SideModel | null;
  /**
   * If given, only this many principal components of the side-information are stored. They are
   * those of the old model's training images, since no other images exist when it is stored.
   */
  readonly sideComponents?: number;
}

/** How an adapter is learned from embeddings of training images. */
export interface AdaptedRecipe extends LearnRecipe {
  /** Augmented views of each training image, whose cached embeddings it learns from. */
  readonly views: number;
  /** The share of the training images, each with all its views: above 0, at most 1. */
  readonly share: number;
}

/**
 * An adapter by `learnAdapter`: in the direction "gallery" the old embedding, perhaps with
 * side-information, mapped forward into the space of `target`; in the direction "query" the
 * embedding of `target` mapped back into the old space.
 */
export interface Adapted {
  readonly kind: "adapted";
  readonly recipe: AdaptedRecipe;
  readonly old: Backbone;
  readonly target: Backbone;
  readonly side: SideModel | null;
}

/** The models whose embeddings an adapter maps, and in whose space they then are. */
export function endsOf({ recipe, old, target }: Adapted): { readonly from: Backbone; readonly to: Backbone } {
  return recipe.direction === "gallery" ? { from: old, to: target } : { from: target, to: old };
}

/** Two updates in a row: h2(h1(old)), with the side-information that was stored first. */
export interface Chain {
  readonly kind: "chain";
  readonly first: Upgrade;
  readonly then: Upgrade;
}

/** Anything that gives each image an embedding. */
export type Model = ImageModel | Upgrade | Adapted | Chain;

/** The number of dimensions of a model's embedding. */
export function dimensionsOf(model: Model): number {
  switch (model.kind) {
    case "upgrade":
      return dimensionsOf(model.target);
    case "adapted":
      return dimensionsOf(endsOf(model).to);
    case "chain":
      return dimensionsOf(model.then);
    case "backbone":
    case "compatible":
    case "aligned":
    case "distilled":
    case "side-information":
      return model.recipe.architecture.embedding;
  }
}

/** The dataset that a model was trained on; for an upgrade or an adapter, that of its target. */
export function datasetOf(model: Model): DatasetRecipe {
  switch (model.kind) {
    case "upgrade":
    case "adapted":
      return model.target.recipe.dataset;
    case "chain":
      return model.then.target.recipe.dataset;
    case "backbone":
    case "compatible":
    case "aligned":
    case "distilled":
    case "side-information":
      return model.recipe.dataset;
  }
}

/** The model whose embeddings are stored before an update: for a map, what it maps. */
export function storedModel(model: Model): ImageModel {
  switch (model.kind) {
    case "upgrade":
      return model.old;
    case "adapted":
      return endsOf(model).from;
    case "chain":
      return model.first.old;
    case "backbone":
    case "compatible":
    case "aligned":
    case "distilled":
    case "side-information":
      return model;
  }
}

/** The models that must be trained for a model, itself last. A chain trains nothing of its own. */
export function modelsIn(model: Model): readonly Exclude<Model, Chain>[] {
  switch (model.kind) {
    case "backbone":
    case "side-information":
      return [model];
    case "compatible":
    case "aligned":
      return [...modelsIn(model.old), model];
    case "distilled":
      return [model.old, ...(model.next === null ? [] : [model.next]), model];
    case "upgrade":
    case "adapted":
      return [model.old, model.target, ...(model.side === null ? [] : [model.side]), model];
    case "chain":
      return [...modelsIn(model.first), ...modelsIn(model.then)];
  }
}
