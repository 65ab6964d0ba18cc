import { tf } from "../tf/tensorflow";

// Far below the squared norm of any embedding; keeps a row of zeros at zero, with finite gradients.
const tiny = 1e-12;

/** Rows of `x` [batch, dimensions] divided by their L2 norms; a row of zeros stays zero. */
export function unitRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), tiny))));
}
