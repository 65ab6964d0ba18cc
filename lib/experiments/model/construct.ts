import { type LearnOptions, learnRecipe } from "../../adapters/kind";
import { oneOf, positive, positiveShare, unexpected, wholeNumber } from "../../core/check";
import { hashOf } from "../../core/hash";
import type { BackboneRecipe } from "../../training/backbone";
import type { SideInformationRecipe } from "../../training/side-information";
import type { TransformationRecipe } from "../../training/transformation";
import {
  type BackboneChanges,
  changedBackbone,
  changedSideInformation,
  changedTransformation,
  type SideInformationChanges,
  type TransformationChanges,
} from "./changes";
import {
  type Adapted,
  type Aligned,
  type Backbone,
  type Chain,
  type Compatible,
  type Distilled,
  dimensionsOf,
  type SideInformation,
  type SideModel,
  type Upgrade,
} from "./model";
import { usualTransformation } from "./usual-transformation";

/**
 * A backbone by a recipe, perhaps with changes: `backbone(next.recipe, { loss: cosface, embedding:
 * 64, epochs: 5 })`. Throws RangeError on a change that is not allowed, naming those that are.
 */
export function backbone(recipe: BackboneRecipe, changes: BackboneChanges = {}): Backbone {
  return { kind: "backbone", recipe: changedBackbone(recipe, changes) };
}

/** The old model, the weight of its term in the loss, and changes of the recipe. */
interface OldTermOptions<M> extends BackboneChanges {
  readonly old: M;
  /** 1 by default. */
  readonly weight?: number;
}

/**
 * A backbone kept compatible with `old` (BCT), as the old classifier judges it or, with `judge:
 * "class-means"`, one made of class means. Throws RangeError if the dimensions differ: BCT feeds
 * new embeddings to a classifier of old ones.
 */
export function compatible(
  recipe: BackboneRecipe,
  { old, weight = 1, judge, ...changes }: OldTermOptions<Compatible["old"]> & Pick<Compatible, "judge">,
): Compatible {
  const changed = changedBackbone(recipe, changes);
  checkDimensions("BCT", changed, old);
  positive("weight of BCT's old loss", weight);
  if (judge !== undefined) oneOf("judge", judge, ["class-means"]);
  return { kind: "compatible", recipe: changed, old, weight, ...(judge === undefined ? {} : { judge }) };
}

/**
 * A backbone whose embeddings stay close to those of `old` (the L2 baseline), by that `alone` if it
 * is true. Throws RangeError if the dimensions differ: the embeddings are subtracted.
 */
export function aligned(
  recipe: BackboneRecipe,
  { old, weight = 1, alone, ...changes }: OldTermOptions<Backbone> & Pick<Aligned, "alone">,
): Aligned {
  const changed = changedBackbone(recipe, changes);
  checkDimensions("the L2 baseline", changed, old);
  positive("weight of the L2 baseline", weight);
  return { kind: "aligned", recipe: changed, old, weight, ...(alone ? { alone } : {}) };
}

/** The old model, how its answers are learned, and the new model of a masked distillation. */
interface DistilledOptions extends OldTermOptions<Backbone> {
  readonly distillation: Distilled["distillation"];
  readonly next?: Backbone | null;
}

/**
 * A backbone that also learns the answers of `old`. Throws RangeError if the distillation is masked
 * and there is no `next`.
 */
export function distilled(
  recipe: BackboneRecipe,
  { old, distillation, next = null, weight = 1, ...changes }: DistilledOptions,
): Distilled {
  positive("weight of the distillation", weight);
  if (distillation.kind === "masked" && next === null) {
    throw unexpected("next", "the new model, from which a masked distillation learns too", next);
  }
  return { kind: "distilled", recipe: changedBackbone(recipe, changes), old, next, distillation, weight };
}

/** A side-information model by a recipe, perhaps with changes. */
export function sideInformation(recipe: SideInformationRecipe, changes: SideInformationChanges = {}): SideInformation {
  return { kind: "side-information", recipe: changedSideInformation(recipe, changes) };
}

/** What h maps to and with the help of what, its recipe, and changes of that. */
interface UpgradeOptions extends TransformationChanges {
  readonly target: Backbone;
  /** The model whose embeddings were stored beside the old ones; null for none. */
  readonly side: SideModel | null;
  /** Only this many principal components of the side-information are stored, by default all. */
  readonly sideComponents?: number;
  /** By default that of the quick scale, with the cosine loss if the target compares directions. */
  readonly recipe?: TransformationRecipe;
}

/**
 * FCT: the gallery of `old`, mapped by h into the space of `target`. Throws RangeError on a change
 * of the recipe that is not allowed, and unless `side` is a model or null.
 */
export function upgrade(old: Backbone, { target, side, recipe, sideComponents, ...changes }: UpgradeOptions): Upgrade {
  // An untyped caller may forget it.
  if (side === undefined) throw unexpected("side", "the model stored beside the old embeddings, or null", side);
  const changed = changedTransformation(recipe ?? usualTransformation(target.recipe), changes);
  if (sideComponents === undefined) return { kind: "upgrade", recipe: changed, old, target, side };
  const most = side === null ? 0 : dimensionsOf(side);
  wholeNumber("stored principal components of the side-information", sideComponents, { least: 1, most });
  return { kind: "upgrade", recipe: changed, old, target, side, sideComponents };
}

/** Where an adapter maps to, how it is learned, and from how much. */
interface AdaptedOptions extends LearnOptions {
  readonly target: Backbone;
  /** The model whose embeddings were stored beside the old ones; none by default. */
  readonly side?: SideModel | null;
  /** Augmented views of each training image, by default as many as h usually learns from. */
  readonly views?: number;
  /** The share of the training images that it learns from, all by default. */
  readonly share?: number;
}

/**
 * An adapter as `fct learn` makes it, from embeddings of the training images of `target`: forward
 * from old to `target`, or back with `direction: "query"`. Throws RangeError on options out of
 * range, and on side-information in a map of new queries, beside which none is stored.
 */
export function adaptedTo(
  old: Backbone,
  { target, side = null, views = usualTransformation(target.recipe).views, share = 1, ...options }: AdaptedOptions,
): Adapted {
  const recipe = learnRecipe({ seed: target.recipe.seed, ...options });
  wholeNumber("views", views, { least: 1 });
  positiveShare("share of the training images", share);
  if (side !== null && recipe.direction === "query") {
    throw unexpected("side-information of an adapter of queries", "null, since it is stored with old items", side.kind);
  }
  return { kind: "adapted", recipe: { ...recipe, views, share }, old, target, side };
}

/**
 * Two updates in a row. Throws RangeError if `then` does not start from the dimensions that `first`
 * maps to, or if it takes side-information that was not stored.
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

function checkDimensions(method: string, { architecture }: BackboneRecipe, old: Compatible["old"]): void {
  const before = old.recipe.architecture.embedding;
  if (architecture.embedding === before) return;
  throw new RangeError(
    `${method} needs one embedding size: the old model has ${before} dimensions, the new one ${architecture.embedding}`,
  );
}
