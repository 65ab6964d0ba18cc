import { tf } from "../tf/tensorflow";
import { unitRows } from "./unit-rows";

/**
 * Mean squared error of `prediction` against `target`, both [batch, dimensions]. This is FCT's loss
 * of h(old, side) against the new embedding, and the old term of our L2 baseline.
 */
export function alignment(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.squaredDifference(prediction, target)));
}

/** The squared error of each sample, averaged over its dimensions: [batch]. */
export function alignmentPerSample(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => tf.mean(tf.squaredDifference(prediction, target), 1));
}

/**
 * Mean of 1 - cosine between the rows of `prediction` and `target`, both [batch, dimensions]. A row
 * of zeros counts as 1.
 */
export function cosineDistance(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const cosines = tf.sum(tf.mul(unitRows(prediction), unitRows(target)), 1);
    return tf.mean(tf.sub(1, cosines)) as tf.Scalar;
  });
}
