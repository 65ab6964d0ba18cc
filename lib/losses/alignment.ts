import { tf } from "../tf/tensorflow";

/** Mean squared error between `prediction` and `target`, both [batch, dimensions]: FCT's loss of h(old, side) against new. */
export function alignment(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.squaredDifference(prediction, target)));
}

/** The same for each sample, a mean over its dimensions: [batch]. */
export function alignmentPerSample(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => tf.mean(tf.squaredDifference(prediction, target), 1));
}
