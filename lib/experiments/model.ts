import type { BackboneRecipe } from "../training/backbone";
import type { SideInformationRecipe } from "../training/side-information";
import type { TransformationRecipe } from "../training/transformation";

// A model says how an embedding comes to be. Models nest, and the nesting is the graph of dependencies.

/** A classification backbone, trained on its own. */
export interface Backbone {
  readonly kind: "backbone";
  readonly recipe: BackboneRecipe;
}

/** A backbone trained to stay compatible with `old` (BCT): loss L_new + weight L_old. */
export interface Compatible {
  readonly kind: "compatible";
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
export type ImageModel = Backbone | Compatible | SideInformation;

/** FCT: the old embedding mapped by h to `target`'s, with the side-information stored beside it, or without any (null). */
export interface Upgrade {
  readonly kind: "upgrade";
  readonly recipe: TransformationRecipe;
  readonly old: Backbone;
  readonly target: Backbone;
  readonly side: SideInformation | null;
}

export type Model = ImageModel | Upgrade;

export function backbone(recipe: BackboneRecipe): Backbone {
  return { kind: "backbone", recipe };
}

export function compatible(
  recipe: BackboneRecipe,
  { old, weight = 1 }: { old: Backbone; weight?: number },
): Compatible {
  return { kind: "compatible", recipe, old, weight };
}

export function sideInformation(recipe: SideInformationRecipe): SideInformation {
  return { kind: "side-information", recipe };
}

export function upgrade(
  old: Backbone,
  { target, side, recipe }: { target: Backbone; side: SideInformation | null; recipe: TransformationRecipe },
): Upgrade {
  return { kind: "upgrade", recipe, old, target, side };
}

/** The model whose embeddings lie in storage before an update: an upgraded gallery was stored by its old model. */
export function storedModel(model: Model): ImageModel {
  return model.kind === "upgrade" ? model.old : model;
}

/** A model and all it is made from, itself last. */
export function modelsIn(model: Model): readonly Model[] {
  switch (model.kind) {
    case "backbone":
    case "side-information":
      return [model];
    case "compatible":
      return [model.old, model];
    case "upgrade":
      return [model.old, model.target, ...(model.side === null ? [] : [model.side]), model];
  }
}
