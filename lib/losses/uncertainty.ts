import { tf } from "../tf/tensorflow";
import { alignmentPerSample } from "./alignment";
import { crossEntropyPerSample } from "./cross-entropy";

/** A batch as FastFill compares it. */
interface UncertaintyBatch {
  /** h(old, side) [batch, dimensions]. */
  readonly prediction: tf.Tensor2D;
  /** The new model's embeddings [batch, dimensions]. */
  readonly target: tf.Tensor2D;
  /** s, the logarithm of the variance that h predicts for each item: [batch]. */
  readonly logVariance: tf.Tensor1D;
  /** The new model's frozen classifier on the prediction: [batch, classes]. */
  readonly logits: tf.Tensor2D;
  /** Classes [batch], int32. */
  readonly labels: tf.Tensor1D;
}

interface UncertaintyOptions {
  /** Weight of the classification loss relative to the squared error; default 1. */
  readonly classificationWeight?: number;
  /** Label smoothing in [0, 1); default 0.1. */
  readonly smoothing?: number;
}

/**
 * FastFill's loss (arXiv 2303.04766): discounted(l, s), in which l is the squared error plus
 * weight * cross-entropy, with smoothed labels, of the new classifier on h(old, side).
 */
export function uncertainty(
  { prediction, target, logVariance, logits, labels }: UncertaintyBatch,
  { classificationWeight = 1, smoothing = 0.1 }: UncertaintyOptions = {},
): tf.Scalar {
  return tf.tidy(() => {
    const classification = crossEntropyPerSample(logits, labels, { smoothing });
    const losses = tf.add(alignmentPerSample(prediction, target), tf.mul(classification, classificationWeight));
    return discounted(losses as tf.Tensor1D, logVariance);
  });
}

/**
 * Mean of l exp(-s) / 2 + s / 2, the negative log-likelihood of a Gaussian, for `losses` l and
 * `logVariance` s, both [batch].
 */
export function discounted(losses: tf.Tensor1D, logVariance: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const likelihood = tf.add(tf.mul(losses, tf.exp(tf.neg(logVariance))), logVariance);
    return tf.mul(tf.mean(likelihood), 0.5);
  });
}
