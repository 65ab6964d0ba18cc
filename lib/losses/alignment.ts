import { tf } from "../tf/tensorflow";
import { unitRows } from "./unit-rows";

/** Mean squared error between `prediction` and `target`, both [batch, dimensions]: FCT's loss of h(old, side) against new. */
export function alignment(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.squaredDifference(prediction, target)));
}

/** The same for each sample, a mean over its dimensions: [batch]. */
export function alignmentPerSample(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => tf.mean(tf.squaredDifference(prediction, target), 1));
}

/** Mean of 1 - cosine of the rows of `prediction` and `target`, both [batch, dimensions]; a row of zeros counts 1. */
export function cosineDistance(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const cosines = tf.sum(tf.mul(unitRows(prediction), unitRows(target)), 1);
    return tf.mean(tf.sub(1, cosines)) as tf.Scalar;
  });
}
