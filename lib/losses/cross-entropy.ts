import { unexpected } from "../core/check";
import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";

/** Label smoothing. */
export interface Smoothing {
  /** Probability in [0, 1) spread over all classes, as PyTorch's label_smoothing; default 0. */
  readonly smoothing?: number;
}

/**
 * Mean cross-entropy of `logits` [batch, classes] against `labels` ([batch], int32). Throws
 * RangeError on a smoothing outside [0, 1).
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, { smoothing = 0 }: Smoothing = {}): tf.Scalar {
  return tf.tidy(() => tf.mean(crossEntropyPerSample(logits, labels, { smoothing })));
}

/**
 * The cross-entropy of each sample: [batch]. Labels are not checked: one outside the classes gets
 * no target of its own.
 */
export function crossEntropyPerSample(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  { smoothing = 0 }: Smoothing = {},
): tf.Tensor1D {
  const classes = logits.shape[1];
  return tf.tidy(() => softmaxCrossEntropy(logits, smoothedTargets(labels, classes, smoothing)));
}

/**
 * Target distributions [batch, classes]: smoothing / classes everywhere, and 1 - smoothing more at
 * the label.
 */
function smoothedTargets(labels: tf.Tensor1D, classes: number, smoothing: number): tf.Tensor2D {
  if (!(smoothing >= 0 && smoothing < 1)) throw unexpected("label smoothing", "a number in [0, 1)", smoothing);
  const rest = smoothing / classes;
  return tf.oneHot(labels, classes, 1 - smoothing + rest, rest, "float32") as tf.Tensor2D;
}
