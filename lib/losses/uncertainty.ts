import { tf } from "../tf/tensorflow";
import { alignmentPerSample } from "./alignment";
import { crossEntropyPerSample } from "./cross-entropy";

/** What FastFill compares. */
interface UncertaintyBatch {
  /** h(old, side) [batch, dimensions]. */
  readonly prediction: tf.Tensor2D;
  /** The new model's embeddings [batch, dimensions]. */
  readonly target: tf.Tensor2D;
  /** s = log variance, predicted for each item: [batch]. */
  readonly logVariance: tf.Tensor1D;
  /** Of the new model's frozen classifier on the prediction: [batch, classes]. */
  readonly logits: tf.Tensor2D;
  /** Classes [batch], int32. */
  readonly labels: tf.Tensor1D;
}

interface UncertaintyOptions {
  /** Weight of the classification loss beside the squared error. */
  readonly classificationWeight?: number;
  readonly smoothing?: number;
}

/** FastFill's loss (arXiv 2303.04766): discounted(l, s) with l = squared error + weight * smoothed cross-entropy of the new classifier on h. */
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

/** mean(l exp(-s) / 2 + s / 2) of `losses` l and `logVariance` s, both [batch]: a Gaussian's negative log-likelihood. */
export function discounted(losses: tf.Tensor1D, logVariance: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => {
    const likelihood = tf.add(tf.mul(losses, tf.exp(tf.neg(logVariance))), logVariance);
    return tf.mul(tf.mean(likelihood), 0.5);
  });
}
