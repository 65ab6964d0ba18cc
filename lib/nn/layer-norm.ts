import { type Tensors, weightNamed } from "../tf/gradients";
import { normEpsilon } from "../tf/native";
import { tf } from "../tf/tensorflow";

/** Each row of `x` [rows, features] to mean 0 and variance 1 (epsilon 1e-5), times `name`.scale, plus `name`.offset. */
export function layerNorm(weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.mul(unitRows(x), weightNamed(weights, `${name}.scale`)), weightNamed(weights, `${name}.offset`));
}

/** Rows of mean 0 and variance 1, with a gradient in closed form: differentiating the composition would take twice the ops. */
function unitRows(x: tf.Tensor2D): tf.Tensor2D {
  const run = tf.customGrad((input, save) => {
    const centred = tf.sub(input as tf.Tensor, rowMeans(input as tf.Tensor));
    const inverse = tf.rsqrt(tf.add(rowMeans(tf.square(centred)), normEpsilon));
    const value = tf.mul(centred, inverse);
    (save as tf.GradSaveFunc)([value, inverse]);
    return { value, gradFunc: (dy, [unit = dy, root = dy]) => unitRowsGradient(dy, unit, root) };
  });
  return run(x) as tf.Tensor2D;
}

/** (dy - mean(dy) - unit mean(dy unit)) / deviation, the means over each row. */
function unitRowsGradient(dy: tf.Tensor, unit: tf.Tensor, inverse: tf.Tensor): tf.Tensor {
  const along = tf.mul(unit, rowMeans(tf.mul(dy, unit)));
  return tf.mul(tf.sub(tf.sub(dy, rowMeans(dy)), along), inverse);
}

function rowMeans(x: tf.Tensor): tf.Tensor {
  return tf.mean(x, 1, true);
}
