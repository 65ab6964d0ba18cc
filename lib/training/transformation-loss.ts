import { alignment, cosineDistance } from "../losses/alignment";
import { crossEntropy } from "../losses/cross-entropy";
import { uncertainty } from "../losses/uncertainty";
import { affine } from "../nn/linear";
import type { Pass } from "../nn/pass";
import { type TransformationForm, transformation } from "../nn/transformation";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { classifierLogits, type LossOf } from "./backbone-loss";
import type { Loss } from "./loop/training-step";

/**
 * A loss of h other than the default, the mean squared error; `smoothing` is the label smoothing
 * (0.1 in the papers). To add a loss, write its formula in lib/losses/ and add its kind here and in
 * `transformationLossKind`.
 */
export type TransformationLoss =
  /** Mean of 1 - cosine between h(old, side) and the new embedding. */
  | { readonly kind: "cosine" }
  /** The squared error times the dimensions: the mean squared distance. */
  | { readonly kind: "scaled-squared-error" }
  /** Mean squared error + weight * cross-entropy of the new model's frozen classifier on h. */
  | { readonly kind: "mse-classifier"; readonly weight: number; readonly smoothing: number }
  /** The same sum for each item, discounted by a predicted uncertainty (FastFill; weight 1). */
  | { readonly kind: "fastfill"; readonly weight: number; readonly smoothing: number };

/** How h is built and what it minimises. */
export interface FormAndLoss extends TransformationForm {
  readonly loss?: TransformationLoss;
}

/** A batch as the losses of h see it. The functions make what only some losses need. */
interface MappedBatch {
  /** h(old, side) [batch, dimensions]. */
  readonly prediction: tf.Tensor2D;
  /** The new model's embeddings [batch, dimensions]. */
  readonly target: tf.Tensor2D;
  /** FastFill's s for each item: [batch]. */
  readonly logVariance: () => tf.Tensor1D;
  /** The new model's frozen classifier on the prediction: [batch, classes]. */
  readonly logits: () => tf.Tensor2D;
  /** Classes [batch], int32. */
  readonly labels: () => tf.Tensor1D;
}

/** Everything that training, mapping and descriptions of models need to know about a loss of h. */
interface TransformationLossKind {
  readonly name: string;
  /** Does it need labels and the target's classifier? */
  readonly classifier: boolean;
  /** Does h predict its own uncertainty? */
  readonly uncertainty: boolean;
  readonly loss: (batch: MappedBatch) => tf.Scalar;
}

/** What is special about a loss of h: the only place that tells their kinds apart. */
export function transformationLossKind({ loss }: FormAndLoss): TransformationLossKind {
  switch (loss?.kind) {
    case undefined:
      return {
        name: "MSE",
        classifier: false,
        uncertainty: false,
        loss: ({ prediction, target }) => alignment(prediction, target),
      };
    case "scaled-squared-error":
      return {
        name: "scaled MSE",
        classifier: false,
        uncertainty: false,
        loss: ({ prediction, target }) => tf.mul(alignment(prediction, target), target.shape[1]),
      };
    case "cosine":
      return {
        name: "cosine",
        classifier: false,
        uncertainty: false,
        loss: ({ prediction, target }) => cosineDistance(prediction, target),
      };
    case "mse-classifier":
      return {
        name: "MSE + classifier",
        classifier: true,
        uncertainty: false,
        loss: ({ prediction, target, logits, labels }) => {
          const classification = crossEntropy(logits(), labels(), loss);
          return tf.add(alignment(prediction, target), tf.mul(classification, loss.weight));
        },
      };
    case "fastfill":
      return {
        name: "FastFill",
        classifier: true,
        uncertainty: true,
        loss: ({ prediction, target, logVariance, logits, labels }) =>
          uncertainty(
            { prediction, target, logVariance: logVariance(), logits: logits(), labels: labels() },
            { classificationWeight: loss.weight, smoothing: loss.smoothing },
          ),
      };
  }
}

/** Does the loss of h need labels and the target's classifier? */
export function needsClassifier(form: FormAndLoss): boolean {
  return transformationLossKind(form).classifier;
}

/** Does h predict its own uncertainty? */
export function predictsUncertainty(form: FormAndLoss): boolean {
  return transformationLossKind(form).uncertainty;
}

/** FastFill's s = log variance of each item [batch], a linear map of h's output [batch, target]. */
export function logVariance(pass: Pass, prediction: tf.Tensor2D): tf.Tensor1D {
  return affine(pass.weights, "uncertainty", prediction).reshape([prediction.shape[0]]);
}

/**
 * The loss of h on batches of "old", "side", "target" and, if it needs them, "labels", with the
 * frozen "classifier" of a target that was trained with the loss of `targetRecipe`.
 */
export function transformationLoss(form: FormAndLoss, targetRecipe: LossOf): Loss {
  const { loss } = transformationLossKind(form);
  return (pass, batch, frozen) => {
    const prediction = transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form);
    return loss({
      prediction,
      target: tensorNamed(batch, "target"),
      logVariance: () => logVariance(pass, prediction),
      logits: () => classifierLogits(targetRecipe, prediction, tensorNamed(frozen, "classifier")),
      labels: () => tensorNamed(batch, "labels"),
    });
  };
}
