import { tf } from "../tf/tensorflow";
import { unitRows } from "./unit-rows";

/** Cosines of each row of `embedding` [batch, dimensions] with each column of `classifier` [dimensions, classes]: [batch, classes]. */
export function classCosines(embedding: tf.Tensor2D, classifier: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(unitRows(embedding), unitRows(tf.transpose(classifier)), false, true) as tf.Tensor2D);
}
