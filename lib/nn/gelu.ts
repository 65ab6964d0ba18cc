import { tf } from "../tf/tensorflow";

/** x P(x), P being the standard normal distribution function (arXiv 1606.08415; by erf, not approximated). */
export function gelu<T extends tf.Tensor>(x: T): T {
  const run = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.mul(input as tf.Tensor, normalDistribution(input as tf.Tensor)),
      gradFunc: (dy, [saved = dy]) => tf.mul(dy, slope(saved)),
    };
  });
  return run(x) as T;
}

/** P(x) + x p(x), p being the normal density. */
function slope(x: tf.Tensor): tf.Tensor {
  const density = tf.div(tf.exp(tf.mul(tf.square(x), -0.5)), Math.sqrt(2 * Math.PI));
  return tf.add(normalDistribution(x), tf.mul(x, density));
}

function normalDistribution(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}
