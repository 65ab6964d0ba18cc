import { tf } from "../tf/tensorflow";
import { unitRows } from "./unit-rows";

/** Mean of 1 - cosine of the rows of `prediction` and `target`, both [batch, dimensions]; a row of zeros counts 1. */
export function cosineDistance(prediction: tf.Tensor2D, target: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() => {
    const cosines = tf.sum(tf.mul(unitRows(prediction), unitRows(target)), 1);
    return tf.mean(tf.sub(1, cosines)) as tf.Scalar;
  });
}
