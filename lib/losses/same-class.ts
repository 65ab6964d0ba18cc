import { tf } from "../tf/tensorflow";

/** 1 where two of `labels` [rows] of int32 are equal, a label and itself too, else 0: [rows, rows]. */
export function sameClass(labels: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => tf.cast(tf.equal(tf.expandDims(labels, 1), tf.expandDims(labels, 0)), "float32") as tf.Tensor2D);
}
