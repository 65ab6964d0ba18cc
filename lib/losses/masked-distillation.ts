import { positive, unexpected } from "../core/check";
import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { crossEntropyPerSample } from "./cross-entropy";

/**
 * Which tokens a compatibility adapter learns from the old model; it learns the others from the new
 * one (MUSCLE, arXiv 2407.09435).
 *
 * - "student-wrong": those that the student does not predict (the method)
 * - "old-right": those that the old model predicts
 * - "all": all of them, plain distillation from the old model
 * - "none": none of them, plain distillation from the new model
 * - "token-likelihood": those that are less likely by the student than by the old model
 * - "sequence-likelihood": those of texts that are
 */
export type DistillationMask =
  | "student-wrong"
  | "old-right"
  | "all"
  | "none"
  | "token-likelihood"
  | "sequence-likelihood";

/** How a compatibility adapter learns from two models. */
export interface MaskedDistillation {
  readonly mask: DistillationMask;
  /** Divides all logits; 2 in the paper. */
  readonly temperature: number;
  /**
   * The share lambda in [0, 1] of the distillation; the rest is cross-entropy against the targets.
   * 1 by default.
   */
  readonly share?: number;
}

/** Logits of three models for the same tokens, text after text, and what the tokens are. */
export interface TokenPredictions {
  /** [texts length, vocabulary], as of `old` and `next`, which have no gradient. */
  readonly student: tf.Tensor2D;
  readonly old: tf.Tensor2D;
  readonly next: tf.Tensor2D;
  /** The right tokens, [texts length] of int32. */
  readonly targets: tf.Tensor1D;
  /** How much each token counts, [texts, length]: at least 0, and not all 0. */
  readonly weights: tf.Tensor2D;
}

/**
 * lambda L + (1 - lambda) CE, where L is the mean over the tokens i of
 * m_i KL(softmax(old_i / T) || softmax(student_i / T)) +
 * (1 - m_i) KL(softmax(next_i / T) || softmax(student_i / T)), and m_i is 1 where the mask holds.
 * As in the paper, L is not multiplied by T^2, and m_i has no gradient. Throws RangeError on a
 * temperature or a share out of range.
 */
export function maskedDistillation(
  predictions: TokenPredictions,
  { mask, temperature, share = 1 }: MaskedDistillation,
): tf.Scalar {
  positive("temperature", temperature);
  if (!(share >= 0 && share <= 1)) throw unexpected("share of the distillation", "a number in [0, 1]", share);
  return tf.tidy(() => {
    const { student, weights, targets } = predictions;
    const distilled = weightedMean(divergence(predictions, mask, temperature), weights);
    if (share === 1) return distilled;
    const entropy = weightedMean(crossEntropyPerSample(student, targets), weights);
    return tf.add(tf.mul(distilled, share), tf.mul(entropy, 1 - share));
  });
}

/** The mean of values [rows] by weights [texts, length], rows being texts times length. */
export function weightedMean(values: tf.Tensor1D, weights: tf.Tensor2D): tf.Scalar {
  return tf.div(tf.sum(tf.mul(values, weights.flatten())), tf.sum(weights));
}

/** The divergence of the student from the teacher of each token: [rows]. */
function divergence(predictions: TokenPredictions, mask: DistillationMask, temperature: number): tf.Tensor1D {
  const { student, old, next } = predictions;
  const teacher = teacherOf(mask, predictions, old, next);
  const logProbabilities = tf.logSoftmax(tf.div(teacher, temperature));
  const probabilities = tf.exp(logProbabilities) as tf.Tensor2D;
  const entropy = tf.neg(tf.sum(tf.mul(probabilities, logProbabilities), 1));
  // KL(p || q) is the cross-entropy of q against p less the entropy of p.
  const crossed = softmaxCrossEntropy(tf.div(student, temperature), probabilities);
  return tf.sub(crossed, entropy);
}

/** The logits that each token is learned from. Nothing within has a gradient. */
function teacherOf(
  mask: DistillationMask,
  predictions: TokenPredictions,
  old: tf.Tensor2D,
  next: tf.Tensor2D,
): tf.Tensor2D {
  if (mask === "all") return old;
  if (mask === "none") return next;
  // The student is no input of this function, so that no gradient is asked of its comparisons.
  const chosen = tf.customGrad((v1) => ({
    value: tf.where(tf.expandDims(takesOld(mask, predictions), 1), v1 as tf.Tensor2D, next),
    gradFunc: (dy: tf.Tensor) => dy,
  }));
  return chosen(old) as tf.Tensor2D;
}

/** The mask of each token: [rows] of booleans. */
function takesOld(mask: Exclude<DistillationMask, "all" | "none">, predictions: TokenPredictions): tf.Tensor1D {
  const { student, old, targets, weights } = predictions;
  switch (mask) {
    case "student-wrong":
      return tf.logicalNot(predicts(student, targets));
    case "old-right":
      return predicts(old, targets);
    case "token-likelihood":
      return tf.greater(crossEntropyPerSample(student, targets), crossEntropyPerSample(old, targets));
    case "sequence-likelihood": {
      const [, length] = weights.shape;
      const summed = (logits: tf.Tensor2D): tf.Tensor =>
        tf.sum(tf.mul(crossEntropyPerSample(logits, targets).reshape(weights.shape), weights), 1, true);
      const unlikely = tf.cast(tf.greater(summed(student), summed(old)), "float32");
      return tf.greater(tf.tile(unlikely, [1, length]).flatten(), 0.5);
    }
  }
}

function predicts(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  return tf.equal(tf.argMax(logits, 1), targets);
}
