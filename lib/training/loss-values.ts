import { positive, unexpected, wholeNumber } from "../core/check";
import { checkMargin, type MarginRecipe } from "../losses/margin";
import type { BackboneLoss } from "./backbone-loss";
import type { TransformationLoss } from "./transformation-loss";

// Losses as values. Each is a function with defaults, which the constructors of models also take
// without a call: { loss: cosface } or { loss: cosface({ margin: 0.3 }) }. Scales and margins are
// smaller than the losses' papers have them for faces: ArcFace 64 and 0.5, CosFace 64 and 0.35.

/** Names the default loss of a backbone, which a recipe does not mention. */
export interface Softmax {
  readonly kind: "softmax";
}

/** Names the default loss of h, which a recipe does not mention. */
export interface SquaredError {
  readonly kind: "squared-error";
}

/** A loss of a backbone, or a function that gives one when called without arguments. */
export type BackboneLossChoice = BackboneLoss | Softmax | (() => BackboneLoss | Softmax);

/** A loss of h, or a function that gives one when called without arguments. */
export type TransformationLossChoice = TransformationLoss | SquaredError | (() => TransformationLoss | SquaredError);

/** Softmax cross-entropy of a linear classifier: a backbone's default loss. */
export function softmax(): Softmax {
  return { kind: "softmax" };
}

/** Softmax over cosines times `scale` (NormFace, arXiv 1704.06369). */
export function normalisedSoftmax({ scale = 16 }: { readonly scale?: number } = {}): BackboneLoss {
  return { kind: "normalised-softmax", scale: positive("scale", scale) };
}

/** ArcFace (arXiv 1801.07698): a margin in radians is added to the angle to the right class. */
export function arcface({ scale = 16, margin = 0.3 }: Partial<Omit<MarginRecipe, "kind">> = {}): BackboneLoss {
  return checkMargin({ kind: "arcface", scale, margin });
}

/** CosFace (arXiv 1801.09414): a margin is taken off the cosine of the right class. */
export function cosface({ scale = 16, margin = 0.2 }: Partial<Omit<MarginRecipe, "kind">> = {}): BackboneLoss {
  return checkMargin({ kind: "cosface", scale, margin });
}

/**
 * Batch-hard triplets (arXiv 1703.07737), from batches with `perClass` images of each class. It
 * trains no classifier.
 */
export function batchHardTriplet({
  margin = 0.2,
  perClass = 4,
}: {
  readonly margin?: number;
  readonly perClass?: number;
} = {}): BackboneLoss {
  return { kind: "triplet", margin: positive("margin", margin), perClass: wholeNumber("perClass", perClass, two) };
}

const two = { least: 2 } as const;

/** Mean squared error of h(old, side) against the new embedding: the default loss of h. */
export function squaredError(): SquaredError {
  return { kind: "squared-error" };
}

/** The squared error times the dimensions, which weighs more beside h's weight decay. */
export function scaledSquaredError(): TransformationLoss {
  return { kind: "scaled-squared-error" };
}

/** Mean of 1 - cosine between h(old, side) and the new embedding. */
export function cosine(): TransformationLoss {
  return { kind: "cosine" };
}

/** Weight of the classification and label smoothing in [0, 1). */
interface Classification {
  readonly weight?: number;
  readonly smoothing?: number;
}

/** Mean squared error plus the weighted cross-entropy of the new model's classifier on h. */
export function squaredErrorAndClassifier(options: Classification = {}): TransformationLoss {
  return { kind: "mse-classifier", ...classification(options) };
}

/** FastFill (arXiv 2303.04766): the same sum, discounted by an uncertainty that h predicts. */
export function fastfill(options: Classification = {}): TransformationLoss {
  return { kind: "fastfill", ...classification(options) };
}

function classification({ weight = 1, smoothing = 0.1 }: Classification): Required<Classification> {
  if (!(smoothing >= 0 && smoothing < 1)) throw unexpected("label smoothing", "a number in [0, 1)", smoothing);
  return { weight: positive("weight", weight), smoothing };
}

/** The loss that a recipe states; undefined for the default. Throws RangeError on anything else. */
export function chosenLoss<L extends { readonly kind: string }>(
  choice: L | (() => L),
): Exclude<L, Softmax | SquaredError> | undefined {
  const loss: L | undefined = typeof choice === "function" ? choice() : choice;
  if (typeof loss?.kind !== "string") throw unexpected("loss", "one of the losses, such as cosface", loss);
  if (loss.kind === "softmax" || loss.kind === "squared-error") return undefined;
  return loss as Exclude<L, Softmax | SquaredError>;
}
