import type { NamedArrays } from "../core/named-arrays";
import type { ClassSelection } from "../data/splits/class-selection";
import { type FocalWeights, focalDistillation } from "../losses/focal-distillation";
import { type MaskedDistillation, maskedDistillation } from "../losses/masked-distillation";
import { type Architecture, embeddings } from "../nn/networks/network";
import { evaluation } from "../nn/pass";
import { prefixed, withPrefix } from "../nn/weights";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { type BackboneLoss, classifierLogits } from "./backbone-loss";

/** A trained network with its classifier, which answers with a class. */
export interface Classifier {
  readonly architecture: Architecture;
  /** "classifier" [embedding, classes] among them. */
  readonly weights: NamedArrays;
  readonly loss?: BackboneLoss | undefined;
}

/**
 * How a new classifier learns from an old one, to keep its right answers:
 *
 * - "focal": positive-congruent training, from the old model, more where that is right
 * - "masked": MUSCLE's loss for images, each of which is a text of one token. What the old model
 *   does not know the class of is learned from the new model that was trained on its own.
 */
export type ImageDistillation =
  | ({ readonly kind: "focal" } & FocalWeights)
  | ({ readonly kind: "masked" } & MaskedDistillation);

/** The new backbone also learns the old model's answers, by L_new + weight * L_distillation. */
export interface DistilledFrom {
  readonly kind: "distilled";
  readonly old: Classifier;
  readonly oldClasses: ClassSelection;
  /** Needed by a masked distillation. */
  readonly next: Classifier | null;
  readonly distillation: ImageDistillation;
  readonly weight: number;
}

/** A batch with the student's logits, and 1 for each image whose class the old model knows. */
interface StudentBatch {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
  readonly logits: tf.Tensor2D;
  readonly known: tf.Tensor1D;
}

/** The weights of the models that are learned from. */
export function teachersOf({ old, next }: DistilledFrom): NamedArrays {
  return { ...prefixed(old.weights, "old."), ...(next === null ? {} : prefixed(next.weights, "next.")) };
}

/**
 * The loss of a distillation, weighted. Throws RangeError if a masked one has no new model, and
 * Error if a model has no classifier.
 */
export function distilledLoss(from: DistilledFrom, batch: StudentBatch, teachers: Tensors): tf.Scalar {
  const { distillation, weight } = from;
  const { labels, logits, known, images } = batch;
  const old = answersOf(from.old, withPrefix(teachers, "old."), images);
  if (distillation.kind === "focal") {
    return tf.mul(focalDistillation({ student: logits, old, labels, known }, distillation), weight);
  }
  if (from.next === null) throw new RangeError("a masked distillation learns from a new model too: give it as next");
  const next = answersOf(from.next, withPrefix(teachers, "next."), images);
  const predictions = {
    student: logits,
    old: tf.where(tf.expandDims(tf.greater(known, 0.5), 1), old, next) as tf.Tensor2D,
    next,
    targets: labels,
    weights: tf.onesLike(labels).toFloat().expandDims(1) as tf.Tensor2D,
  };
  return tf.mul(maskedDistillation(predictions, distillation), weight);
}

function answersOf({ architecture, loss }: Classifier, weights: Tensors, images: tf.Tensor4D): tf.Tensor2D {
  const embedding = embeddings(architecture, evaluation(weights), images);
  return classifierLogits({ loss }, embedding, tensorNamed(weights, "classifier"));
}
