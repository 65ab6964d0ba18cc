import { positive } from "../core/check";
import { crossEntropy } from "../losses/cross-entropy";
import { classCosines, type MarginRecipe, marginLogits } from "../losses/margin";
import { triplet } from "../losses/triplet";
import { unitRows } from "../losses/unit-rows";
import { tf } from "../tf/tensorflow";
import { inFloat32, type Tensors, tensorNamed } from "../tf/tensors";
import { type OwnLoss, ownLossValue } from "./own-loss";

/**
 * A loss of a backbone other than the default, softmax cross-entropy of a linear classifier. To add
 * a loss, write its formula in lib/losses/ and add its kind here and in `lossKind`.
 */
export type BackboneLoss =
  | MarginRecipe
  /** Softmax over cosines times `scale`, which is above 0 (NormFace, arXiv 1704.06369). */
  | { readonly kind: "normalised-softmax"; readonly scale: number }
  /** Batch-hard triplets (arXiv 1703.07737), from batches with `perClass` images of each class. */
  | { readonly kind: "triplet"; readonly margin: number; readonly perClass: number }
  | OwnLoss;

/** The part of a recipe that names the loss; softmax cross-entropy by default. */
export interface LossOf {
  readonly loss?: BackboneLoss | undefined;
}

/** Logits [batch, classes] of embeddings by the classifier's columns [dimensions, classes]. */
type Logits = (embedding: tf.Tensor2D, classifier: tf.Tensor2D) => tf.Tensor2D;

/** Logits by which a classifier is trained: a margin depends on the labels ([batch], int32). */
type TrainingLogits = (embedding: tf.Tensor2D, classifier: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor2D;

/** A batch of the network's embeddings [batch, dimensions] with their labels ([batch], int32). */
interface LabelledEmbeddings {
  readonly embedding: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

/** Everything that training, embedding and descriptions of models need to know about a loss. */
interface LossKind {
  readonly name: string;
  /** Does the loss see directions alone? If so, embeddings are stored as unit vectors. */
  readonly unit: boolean;
  /** Images of each class in a batch; if absent, batches are drawn from all images alike. */
  readonly perClass?: number;
  /** How the trained classifier reads embeddings, without a margin; null if none is trained. */
  readonly logits: Logits | null;
  /** Loss of a batch; a classifier is among `weights`. `smoothing` of the labels is in [0, 1). */
  readonly loss: (batch: LabelledEmbeddings, weights: Tensors, smoothing: number) => tf.Scalar;
}

/** What is special about a loss: the only place that tells kinds of losses apart. */
export function lossKind({ loss }: LossOf): LossKind {
  switch (loss?.kind) {
    case undefined:
      return { name: "softmax", unit: false, ...classification(linearLogits) };
    case "arcface":
      return { name: "ArcFace", unit: true, ...withMargin(loss) };
    case "cosface":
      return { name: "CosFace", unit: true, ...withMargin(loss) };
    case "normalised-softmax":
      return { name: "normalised softmax", unit: true, ...classification(scaledCosines(loss.scale)) };
    case "triplet":
      return {
        name: "triplet loss",
        unit: true,
        perClass: loss.perClass,
        logits: null,
        loss: ({ embedding, labels }) => triplet(embedding, labels, loss),
      };
    case "own":
      return ownKind(loss);
  }
}

function ownKind(own: OwnLoss): LossKind {
  const { name, unit, perClass } = own;
  const logits = ownLogits(own);
  return {
    name,
    unit,
    ...(perClass === undefined ? {} : { perClass }),
    logits,
    loss: ({ embedding: raw, labels }, weights, smoothing) => {
      const embedding = unit ? unitRows(raw) : raw;
      const seen = { embedding, labels, smoothing };
      if (logits === null) return ownLossValue(own, seen);
      return ownLossValue(own, { ...seen, logits: logits(raw, tensorNamed<tf.Tensor2D>(weights, "classifier")) });
    },
  };
}

function ownLogits({ classifier, scale = 1 }: OwnLoss): Logits | null {
  switch (classifier) {
    case "linear":
      return linearLogits;
    case "cosine":
      return scaledCosines(scale);
    case "none":
      return null;
  }
}

/** Cross-entropy of a classifier that is trained along with the network. */
function classification(logits: Logits, training: TrainingLogits = logits): Pick<LossKind, "logits" | "loss"> {
  return {
    logits,
    loss: ({ embedding, labels }, weights, smoothing) => {
      const classifier = tensorNamed<tf.Tensor2D>(weights, "classifier");
      return crossEntropy(training(embedding, classifier, labels), labels, { smoothing });
    },
  };
}

function linearLogits(embedding: tf.Tensor2D, classifier: tf.Tensor2D): tf.Tensor2D {
  return inFloat32(() => tf.matMul(embedding, classifier));
}

function withMargin(recipe: MarginRecipe): Pick<LossKind, "logits" | "loss"> {
  return classification(scaledCosines(recipe.scale), (embedding, classifier, labels) =>
    marginLogits(embedding, classifier, labels, recipe),
  );
}

function scaledCosines(scale: number): Logits {
  return (embedding, classifier) => {
    positive("scale", scale);
    return tf.mul(classCosines(embedding, classifier), scale) as tf.Tensor2D;
  };
}

/** Are the embeddings of a model with this loss stored as unit vectors? */
export function normalisesEmbeddings(recipe: LossOf): boolean {
  return lossKind(recipe).unit;
}

/** `embedding` [batch, dimensions] as a model with this loss stores it, perhaps unit vectors. */
export function storedEmbedding(recipe: LossOf, embedding: tf.Tensor2D): tf.Tensor2D {
  return normalisesEmbeddings(recipe) ? unitRows(embedding) : embedding;
}

/**
 * How the trained `classifier` [dimensions, classes] of a model with this loss reads embeddings:
 * logits [batch, classes], without a margin. Throws Error if the loss trains no classifier.
 */
export function classifierLogits({ loss }: LossOf, embedding: tf.Tensor2D, classifier: tf.Tensor2D): tf.Tensor2D {
  const { logits } = lossKind({ loss });
  if (logits === null) throw new Error(`a model trained with the ${loss?.kind} loss has no classifier`);
  return logits(embedding, classifier);
}

/** The loss by which a backbone learns from a batch; its classifier, if any, is among `weights`. */
export function backboneLoss(
  { loss, labelSmoothing }: LossOf & { readonly labelSmoothing: number },
  weights: Tensors,
  batch: LabelledEmbeddings,
): tf.Scalar {
  return lossKind({ loss }).loss(batch, weights, labelSmoothing);
}
