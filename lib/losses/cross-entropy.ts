import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";

/** How much probability mass the targets give away. */
export interface Smoothing {
  /** Share in [0, 1) spread uniformly over all classes, the right one included (PyTorch's label_smoothing). */
  readonly smoothing?: number;
}

/** Mean cross-entropy of `logits` [batch, classes] against `labels` [batch] of int32. Throws on a smoothing outside [0, 1). */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, { smoothing = 0 }: Smoothing = {}): tf.Scalar {
  return tf.tidy(() => tf.mean(crossEntropyPerSample(logits, labels, { smoothing })));
}

/** The same before the mean: [batch]. A label outside the classes has no target of its own; check labels where they are arrays. */
export function crossEntropyPerSample(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  { smoothing = 0 }: Smoothing = {},
): tf.Tensor1D {
  const classes = logits.shape[1];
  return tf.tidy(() => softmaxCrossEntropy(logits, smoothedTargets(labels, classes, smoothing)));
}

/** Target distributions [batch, classes]: 1 - smoothing + smoothing / classes at the label, smoothing / classes elsewhere. */
function smoothedTargets(labels: tf.Tensor1D, classes: number, smoothing: number): tf.Tensor2D {
  if (!(smoothing >= 0 && smoothing < 1)) throw new RangeError(`label smoothing ${smoothing}: allowed is [0, 1)`);
  const rest = smoothing / classes;
  return tf.oneHot(labels, classes, 1 - smoothing + rest, rest, "float32") as tf.Tensor2D;
}
