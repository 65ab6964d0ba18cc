import { oneOf, positive, positiveShare, unexpected, wholeNumber } from "../../core/check";
import type { Architecture } from "../../nn/networks/network";
import { precisions, withoutDefault } from "../../tf/graph/precision";
import type { BackboneRecipe } from "../../training/backbone";
import { lossKind } from "../../training/backbone-loss";
import { partSize } from "../../training/loop/requirements";
import { type BackboneLossChoice, chosenLoss, type TransformationLossChoice } from "../../training/loss-values";
import type { SideInformationRecipe, SimclrRecipe } from "../../training/side-information";
import type { TransformationRecipe } from "../../training/transformation";

/** Members of a recipe's schedule by flat names. */
interface ScheduleChanges {
  readonly learningRate?: number;
  readonly epochs?: number;
  /** Epochs of linear rise, at most `epochs`. */
  readonly warmup?: number;
}

/** The size of the embedding, a member of a recipe's architecture. */
interface SizeChange {
  readonly embedding?: number;
}

/** What a backbone does differently from a recipe: its members, and parts of them by flat names. */
export interface BackboneChanges
  extends Partial<Omit<BackboneRecipe, "loss" | "imported">>,
    ScheduleChanges,
    SizeChange {
  /** One of the losses, such as `cosface`, `cosface({ margin: 0.3 })`, or one by `ownLoss`. */
  readonly loss?: BackboneLossChoice;
}

/** What a side-information model does differently from a recipe. Autoencoders: no temperature. */
export interface SideInformationChanges
  extends Partial<Omit<SimclrRecipe, "kind" | "architecture">>,
    ScheduleChanges,
    SizeChange {
  /** A convolution net for an autoencoder. */
  readonly architecture?: Architecture;
}

/** What an h does differently from a recipe: its members, and parts of them by flat names. */
export interface TransformationChanges
  extends Partial<Omit<TransformationRecipe, "loss" | "imported">>,
    ScheduleChanges {
  /** One of the losses of h, such as `cosine` or `fastfill`. */
  readonly loss?: TransformationLossChoice;
}

type Names<C> = Readonly<Record<keyof C, true>>;

const scheduleNames: Names<ScheduleChanges> = { learningRate: true, epochs: true, warmup: true };
const imageNames = {
  ...scheduleNames,
  architecture: true,
  augmentation: true,
  batchSize: true,
  classes: true,
  dataset: true,
  embedding: true,
  optimizer: true,
  precision: true,
  schedule: true,
  seed: true,
} as const;
const backboneNames: Names<BackboneChanges> = { ...imageNames, accumulation: true, labelSmoothing: true, loss: true };
const contrastiveNames: Names<SideInformationChanges> = { ...imageNames, temperature: true };
const transformationNames: Names<TransformationChanges> = {
  ...scheduleNames,
  batchSize: true,
  frozenNormShare: true,
  inner: true,
  layers: true,
  linear: true,
  loss: true,
  optimizer: true,
  precision: true,
  schedule: true,
  seed: true,
  share: true,
  views: true,
};

/**
 * The recipe with changes. Throws RangeError on a name that a backbone does not have, or a value
 * that is not allowed.
 */
export function changedBackbone(recipe: BackboneRecipe, changes: BackboneChanges): BackboneRecipe {
  checkNames("a backbone", changes, backboneNames);
  requireTrained(recipe);
  const { loss, ...others } = given(changes);
  if (others.labelSmoothing !== undefined) checkSmoothing(others.labelSmoothing);
  const changed = withLoss(withParts(recipe, others), loss);
  const { batchSize, accumulation } = changed;
  if (accumulation !== undefined) partSize({ batchSize, accumulation, perClass: lossKind(changed).perClass });
  return changed;
}

/** The same for a side-information model. */
export function changedSideInformation<R extends SideInformationRecipe>(recipe: R, changes: SideInformationChanges): R {
  checkNames(
    `a side-information model (${recipe.kind})`,
    changes,
    "temperature" in recipe ? contrastiveNames : imageNames,
  );
  if (changes.temperature !== undefined) positive("temperature", changes.temperature);
  return withParts(recipe, given(changes) as Parameters<typeof withParts<R>>[1]);
}

/** The same for h. */
export function changedTransformation(
  recipe: TransformationRecipe,
  changes: TransformationChanges,
): TransformationRecipe {
  checkNames("h", changes, transformationNames);
  requireTrained(recipe);
  const { loss, ...others } = given(changes);
  for (const name of ["inner", "views"] as const) atLeast(1, name, others[name]);
  const { layers, share, frozenNormShare } = others;
  if (layers !== undefined) wholeNumber("layers", layers, { least: 0, most: 4 });
  if (share !== undefined) positiveShare("share", share);
  if (frozenNormShare !== undefined && !(frozenNormShare >= 0 && frozenNormShare <= 1)) {
    throw unexpected("frozenNormShare", "a number in [0, 1]", frozenNormShare);
  }
  return withLoss(withSchedule(recipe, others), loss);
}

/** A recipe to train by, which that of an imported model is not. */
function requireTrained({ imported }: Pick<BackboneRecipe, "imported">): void {
  if (imported !== undefined) throw unexpected("recipe", "one to train by", `that of the weights of ${imported.path}`);
}

/** The changes that are given: one that is undefined leaves its member as it is. */
function given<C extends object>(changes: C): C {
  return Object.fromEntries(Object.entries(changes).filter(([, change]) => change !== undefined)) as C;
}

function checkNames(what: string, changes: object, names: Readonly<Record<string, true>>): void {
  const wrong = Object.keys(changes).find((name) => !Object.hasOwn(names, name));
  if (wrong !== undefined)
    throw unexpected(`change of ${what}`, `one of ${Object.keys(names).sort().join(", ")}`, wrong);
}

/** A recipe with another loss; without one if it is the default. */
function withLoss<R extends { readonly loss?: L }, L extends { readonly kind: string }>(
  recipe: R,
  choice:
    | L
    | { readonly kind: "softmax" | "squared-error" }
    | (() => L | { readonly kind: "softmax" | "squared-error" })
    | undefined,
): R {
  if (choice === undefined) return recipe;
  const { loss: _, ...rest } = recipe;
  const loss = chosenLoss(choice);
  return (loss === undefined ? rest : { ...rest, loss }) as R;
}

type ImageRecipe = BackboneRecipe | SideInformationRecipe;

function withParts<R extends ImageRecipe>(
  recipe: R,
  { embedding, ...others }: Partial<Omit<R, "loss">> & ScheduleChanges & SizeChange,
): R {
  const changed = withSchedule(recipe, others as Partial<R> & ScheduleChanges);
  atLeast(1, "embedding", embedding);
  return embedding === undefined ? changed : { ...changed, architecture: { ...changed.architecture, embedding } };
}

function withSchedule<R extends ImageRecipe | TransformationRecipe>(
  recipe: R,
  { learningRate, epochs, warmup, ...members }: Partial<Omit<R, "loss">> & ScheduleChanges,
): R {
  const times = given({ learningRate, epochs, warmup });
  const changed = { ...recipe, ...members };
  const schedule = { ...changed.schedule, ...times };
  atLeast(2, "batchSize", changed.batchSize);
  atLeast(0, "seed", changed.seed);
  positive("learningRate", schedule.learningRate);
  atLeast(1, "epochs", schedule.epochs);
  if (changed.precision !== undefined) oneOf("precision", changed.precision, precisions);
  if (schedule.warmup <= schedule.epochs)
    return withoutDefault(Object.keys(times).length === 0 ? changed : { ...changed, schedule });
  throw unexpected("warmup", `at most the ${schedule.epochs} epochs; change it too`, schedule.warmup);
}

function atLeast(least: number, name: string, value: number | undefined): void {
  if (value !== undefined) wholeNumber(name, value, { least });
}

function checkSmoothing(value: number): void {
  if (!(value >= 0 && value < 1)) throw unexpected("labelSmoothing", "a number in [0, 1)", value);
}
