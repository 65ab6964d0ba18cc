import { alignment, cosineDistance } from "../losses/alignment";
import { crossEntropy } from "../losses/cross-entropy";
import { uncertainty } from "../losses/uncertainty";
import { affine } from "../nn/linear";
import type { Pass } from "../nn/pass";
import { type TransformationForm, transformation } from "../nn/transformation";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { classifierLogits, type LossOf } from "./backbone-loss";
import type { Loss } from "./training-step";

/** A loss of h other than the mean squared error; `smoothing` is that of the labels (.1 in the papers). */
export type TransformationLoss =
  /** Mean of 1 - cosine of h and the new embedding. */
  | { readonly kind: "cosine" }
  /** Mean squared error + weight * cross-entropy of the new model's frozen classifier on h. */
  | { readonly kind: "mse-classifier"; readonly weight: number; readonly smoothing: number }
  /** The same for each item, discounted by a predicted uncertainty (FastFill, arXiv 2303.04766; weight 1). */
  | { readonly kind: "fastfill"; readonly weight: number; readonly smoothing: number };

/** How h is built and what it minimises. */
export interface FormAndLoss extends TransformationForm {
  readonly loss?: TransformationLoss;
}

/** Does the loss need labels and the target's classifier? */
export function needsClassifier({ loss }: FormAndLoss): boolean {
  switch (loss?.kind) {
    case undefined:
    case "cosine":
      return false;
    case "mse-classifier":
    case "fastfill":
      return true;
  }
}

/** Does h predict its own uncertainty? */
export function predictsUncertainty({ loss }: FormAndLoss): boolean {
  return loss?.kind === "fastfill";
}

/** FastFill's s = log variance of each item [batch], by one linear map of h's output [batch, target]. */
export function logVariance(pass: Pass, mapped: tf.Tensor2D): tf.Tensor1D {
  return affine(pass.weights, "uncertainty", mapped).reshape([mapped.shape[0]]);
}

/** The loss of h on batches of "old", "side", "target" and, where it needs them, "labels", with the target's frozen "classifier". */
export function transformationLoss(form: FormAndLoss, target: LossOf): Loss {
  const { loss } = form;
  return (pass, batch, frozen) => {
    const prediction = transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form);
    const embedding = tensorNamed<tf.Tensor2D>(batch, "target");
    const labels = (): tf.Tensor1D => tensorNamed(batch, "labels");
    const logits = (): tf.Tensor2D => classifierLogits(target, prediction, tensorNamed(frozen, "classifier"));
    switch (loss?.kind) {
      case undefined:
        return alignment(prediction, embedding);
      case "cosine":
        return cosineDistance(prediction, embedding);
      case "mse-classifier": {
        const classification = crossEntropy(logits(), labels(), loss);
        return tf.add(alignment(prediction, embedding), tf.mul(classification, loss.weight));
      }
      case "fastfill":
        return uncertainty(
          {
            prediction,
            target: embedding,
            logVariance: logVariance(pass, prediction),
            logits: logits(),
            labels: labels(),
          },
          { classificationWeight: loss.weight, smoothing: loss.smoothing },
        );
    }
  };
}
