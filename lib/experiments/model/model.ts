import { hashOf } from "../../core/hash";
import { withoutDefault } from "../../tf/graph/precision";
import type { BackboneRecipe } from "../../training/backbone";
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
}

/**
 * The L2 baseline of openBCT: a backbone whose embeddings are aligned with those of `old`, by the
 * loss L_new + weight * mean squared error.
 */
interface Aligned {
  readonly kind: "aligned";
  readonly recipe: BackboneRecipe;
  readonly old: Backbone;
  readonly weight: number;
}

/** A model whose embeddings are stored as side-information. */
export interface SideInformation {
  readonly kind: "side-information";
  readonly recipe: SideInformationRecipe;
}

/** A model that embeds images. */
export type ImageModel = Backbone | Compatible | Aligned | SideInformation;

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
}

/** Two updates in a row: h2(h1(old)), with the side-information that was stored first. */
export interface Chain {
  readonly kind: "chain";
  readonly first: Upgrade;
  readonly then: Upgrade;
}

export type Model = ImageModel | Upgrade | Chain;

export function backbone(recipe: BackboneRecipe): Backbone {
  return { kind: "backbone", recipe: withoutDefault(recipe) };
}

/** Throws RangeError if the dimensions differ: BCT feeds new embeddings to the old classifier. */
export function compatible(
  recipe: BackboneRecipe,
  { old, weight = 1 }: { old: Compatible["old"]; weight?: number },
): Compatible {
  checkDimensions("BCT", recipe, old);
  return { kind: "compatible", recipe: withoutDefault(recipe), old, weight };
}

/** Throws RangeError if the dimensions differ: the L2 baseline subtracts the embeddings. */
export function aligned(recipe: BackboneRecipe, { old, weight = 1 }: { old: Backbone; weight?: number }): Aligned {
  checkDimensions("the L2 baseline", recipe, old);
  return { kind: "aligned", recipe: withoutDefault(recipe), old, weight };
}

export function sideInformation(recipe: SideInformationRecipe): SideInformation {
  return { kind: "side-information", recipe: withoutDefault(recipe) };
}

export function upgrade(
  old: Backbone,
  { target, side, recipe }: { target: Backbone; side: SideModel | null; recipe: TransformationRecipe },
): Upgrade {
  return { kind: "upgrade", recipe: withoutDefault(recipe), old, target, side };
}

/**
 * Throws RangeError if `then` does not start from the dimensions that `first` maps to, or if it
 * takes side-information that was not stored.
 */
export function chain(first: Upgrade, then: Upgrade): Chain {
  const reached = dimensionsOf(first);
  const begun = dimensionsOf(then.old);
  if (reached !== begun) {
    throw new RangeError(`second update of a chain: expected to start from ${reached} dimensions, got ${begun}`);
  }
  if (then.side !== null && hashOf(then.side) !== hashOf(first.side)) {
    throw new RangeError("both updates of a chain take the side-information that was stored at first: one model");
  }
  return { kind: "chain", first, then };
}

/** The number of dimensions of a model's embedding. */
export function dimensionsOf(model: Model): number {
  switch (model.kind) {
    case "upgrade":
      return dimensionsOf(model.target);
    case "chain":
      return dimensionsOf(model.then);
    case "backbone":
    case "compatible":
    case "aligned":
    case "side-information":
      return model.recipe.architecture.embedding;
  }
}

/** The model whose embeddings are stored before an update: for an upgrade, its old model. */
export function storedModel(model: Model): ImageModel {
  switch (model.kind) {
    case "upgrade":
      return model.old;
    case "chain":
      return model.first.old;
    case "backbone":
    case "compatible":
    case "aligned":
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
    case "upgrade":
      return [model.old, model.target, ...(model.side === null ? [] : [model.side]), model];
    case "chain":
      return [...modelsIn(model.first), ...modelsIn(model.then)];
  }
}

function checkDimensions(method: string, { architecture }: BackboneRecipe, old: Compatible["old"]): void {
  const before = old.recipe.architecture.embedding;
  if (architecture.embedding === before) return;
  throw new RangeError(
    `${method} needs one embedding size: the old model has ${before} dimensions, the new one ${architecture.embedding}`,
  );
}
