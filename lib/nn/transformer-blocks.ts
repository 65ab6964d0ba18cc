import type { NamedArray } from "../core/named-arrays";
import type { Random } from "../core/random";
import { type Tensors, tensorNamed } from "../tf/gradients";
import { normEpsilon } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { initialConstant, initialXavier } from "./initial";

const parts = ["query", "key", "value", "output"] as const;

/** Random starting weights of four linear maps: `name`.query, .key, .value and .output. */
export function initialAttention(name: string, width: number, random: Random): Record<string, NamedArray> {
  return Object.assign({}, ...parts.map((part) => initialLayer(`${name}.${part}`, width, width, random)));
}

/** Multi-head self-attention (arXiv 1706.03762) among every `tokens` rows of `x` [batch tokens, width]: the same shape. */
export function attention(
  weights: Tensors,
  name: string,
  { tokens, heads }: { readonly tokens: number; readonly heads: number },
  x: tf.Tensor2D,
): tf.Tensor2D {
  const [rows, width] = x.shape;
  const size = width / heads;
  // [batch tokens, width] to [batch, heads, tokens, size].
  const split = (y: tf.Tensor2D): tf.Tensor4D =>
    tf.transpose(y.reshape<tf.Tensor4D>([rows / tokens, tokens, heads, size]), [0, 2, 1, 3]);
  const query = split(tf.mul(linear(weights, `${name}.query`, x), 1 / Math.sqrt(size)));
  const shares = tf.softmax(tf.matMul(query, split(linear(weights, `${name}.key`, x)), false, true));
  const mixed = tf.matMul(shares, split(linear(weights, `${name}.value`, x)));
  return linear(weights, `${name}.output`, tf.transpose(mixed, [0, 2, 1, 3]).reshape([rows, width]));
}

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

/** Each row of `x` [rows, features] to mean 0 and variance 1 (epsilon 1e-5), times `name`.scale, plus `name`.offset. */
export function layerNorm(weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.mul(unitRows(x), tensorNamed(weights, `${name}.scale`)), tensorNamed(weights, `${name}.offset`));
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

/** x [rows, input] times `name`.linear plus `name`.bias: [rows, output]. */
export function linear(weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const product = tf.matMul(x, tensorNamed<tf.Tensor2D>(weights, `${name}.linear`));
  return tf.add(product, tensorNamed(weights, `${name}.bias`));
}

/** `name`.linear [input, output] by Xavier, `name`.bias 0. */
export function initialLayer(name: string, input: number, output: number, random: Random): Record<string, NamedArray> {
  return { [`${name}.linear`]: initialXavier(random, input, output), [`${name}.bias`]: initialConstant(output, 0) };
}
