import { crossEntropy } from "../losses/cross-entropy";
import { classCosines, type MarginRecipe, marginLogits } from "../losses/margin";
import { triplet } from "../losses/triplet";
import { unitRows } from "../losses/unit-rows";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";

/** A loss of a backbone other than plain softmax cross-entropy. All of them compare directions: embeddings of such models are unit vectors. */
export type BackboneLoss =
  | MarginRecipe
  /** Softmax over cosines times `scale`: a margin loss without its margin (NormFace, arXiv 1704.06369). */
  | { readonly kind: "normalised-softmax"; readonly scale: number }
  /** Batch-hard triplets (arXiv 1703.07737) from batches with `perClass` images of each class in them; no classifier. */
  | { readonly kind: "triplet"; readonly margin: number; readonly perClass: number };

/** What of a recipe says how a backbone's embeddings are compared. */
export interface LossOf {
  readonly loss?: BackboneLoss | undefined;
}

/** Are a model's embeddings divided by their L2 norm when images are embedded? So they are where its loss saw directions alone. */
export function normalisesEmbeddings({ loss }: LossOf): boolean {
  return loss !== undefined;
}

/** Embeddings as the model stores them: of the network's `embedding` [batch, dimensions], or its unit vectors. */
export function storedEmbedding(recipe: LossOf, embedding: tf.Tensor2D): tf.Tensor2D {
  return normalisesEmbeddings(recipe) ? unitRows(embedding) : embedding;
}

/** Does a model with this loss have a classifier? */
export function hasClassifier({ loss }: LossOf): boolean {
  return loss?.kind !== "triplet";
}

/** How a trained classifier [dimensions, classes] reads embeddings: its loss's logits without the margin, [batch, classes]. */
export function classifierLogits({ loss }: LossOf, embedding: tf.Tensor2D, classifier: tf.Tensor2D): tf.Tensor2D {
  switch (loss?.kind) {
    case undefined:
      return tf.matMul(embedding, classifier);
    case "arcface":
    case "cosface":
    case "normalised-softmax":
      return scaledCosines(embedding, classifier, loss.scale);
    case "triplet":
      throw new Error("a model trained with the triplet loss has no classifier");
  }
}

/** The loss by which a backbone learns, with its classifier among `weights`; `smoothing` is that of the labels in [0, 1). */
export function backboneLoss(
  { loss, labelSmoothing: smoothing }: LossOf & { readonly labelSmoothing: number },
  weights: Tensors,
  { embedding, labels }: { readonly embedding: tf.Tensor2D; readonly labels: tf.Tensor1D },
): tf.Scalar {
  if (loss?.kind === "triplet") return triplet(embedding, labels, loss);
  const classifier = tensorNamed<tf.Tensor2D>(weights, "classifier");
  switch (loss?.kind) {
    case "arcface":
    case "cosface":
      return crossEntropy(marginLogits(embedding, classifier, labels, loss), labels, { smoothing });
    case "normalised-softmax":
    case undefined:
      return crossEntropy(classifierLogits({ loss }, embedding, classifier), labels, { smoothing });
  }
}

function scaledCosines(embedding: tf.Tensor2D, classifier: tf.Tensor2D, scale: number): tf.Tensor2D {
  if (!(scale > 0 && Number.isFinite(scale))) throw new RangeError(`scale ${scale}: allowed is a number above 0`);
  return tf.mul(classCosines(embedding, classifier), scale) as tf.Tensor2D;
}
