import type { NamedArray } from "../../core/named-arrays";
import { normEpsilon } from "../../tf/native";
import { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed } from "../../tf/tensors";
import { initialConstant, initialXavier, type ValueSource } from "../initial";
import { batchedAffine } from "../linear";
import { keeps, multiplies } from "../tally";

const parts = ["query", "key", "value", "output"] as const;

/** Random starting weights of four affine maps: `name`.query, .key, .value and .output. */
export function initialAttention(name: string, width: number, source: ValueSource): Record<string, NamedArray> {
  return Object.assign({}, ...parts.map((part) => initialXavierAffine(`${name}.${part}`, width, width, source)));
}

/** An affine map of rows by the weights called `name`. */
export type AffineMap = (weights: Tensors, name: string, x: tf.Tensor2D) => tf.Tensor2D;

interface AttentionShape {
  /** Rows that attend to each other. */
  readonly tokens: number;
  readonly heads: number;
  /** Added to the scores of each row [tokens, tokens] before their softmax; nothing by default. */
  readonly mask?: tf.Tensor2D;
  /** How the four affine maps are computed; `batchedAffine` by default. */
  readonly map?: AffineMap;
  /**
   * Heads of keys and values, each for as many queries' heads in a row (arXiv 2305.13245): a
   * divisor of `heads`, and by default as many.
   */
  readonly keyHeads?: number;
  /** What positions do to queries and keys [batch, heads, tokens, size]; nothing by default. */
  readonly turned?: (y: tf.Tensor4D) => tf.Tensor4D;
}

/**
 * Multi-head self-attention (arXiv 1706.03762) among the `tokens` rows of each image or text in `x`
 * [batch tokens, width]: the same shape.
 */
export function attention(
  weights: Tensors,
  name: string,
  { tokens, heads, mask, map = batchedAffine, keyHeads = heads, turned = (y) => y }: AttentionShape,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const [rows, width] = x.shape;
  const size = width / heads;
  // [batch tokens, count size] to [batch, count, tokens, size].
  const split = (y: tf.Tensor2D, count: number): tf.Tensor4D =>
    tf.transpose(y.reshape<tf.Tensor4D>([rows / tokens, tokens, count, size]), [0, 2, 1, 3]);
  // The heads that share a key stand one below the other, so that one product serves them all.
  const grouped = (y: tf.Tensor4D): tf.Tensor4D =>
    keyHeads === heads ? y : y.reshape([rows / tokens, keyHeads, -1, y.shape[3]]);
  const apart = (y: tf.Tensor4D): tf.Tensor4D =>
    keyHeads === heads ? y : y.reshape([rows / tokens, heads, tokens, -1]);
  const query = turned(split(tf.mul(map(weights, `${name}.query`, x), 1 / Math.sqrt(size)), heads));
  const key = turned(split(map(weights, `${name}.key`, x), keyHeads));
  const scores = apart(tf.matMul(grouped(query), key, false, true));
  const shares: tf.Tensor4D = tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
  const value = split(map(weights, `${name}.value`, x), keyHeads);
  const mixed = apart(tf.matMul(grouped(shares), value));
  multiplies(2 * rows * tokens * width);
  keeps(query, key, shares, value, mixed);
  return map(weights, `${name}.output`, tf.transpose(mixed, [0, 2, 1, 3]).reshape([rows, width]));
}

/**
 * x P(x), P being the standard normal distribution function (arXiv 1606.08415; by erf, not
 * approximated).
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  const run = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([input as tf.Tensor]);
    return {
      value: tf.mul(input as tf.Tensor, normalDistribution(input as tf.Tensor)),
      gradFunc: (dy, [saved = dy]) => tf.mul(dy, slope(saved)),
    };
  });
  const y = run(x) as T;
  keeps(x, y);
  return y;
}

/** The same with a tanh in place of P, as many published models have it. */
export function geluByTanh<T extends tf.Tensor>(x: T): T {
  const inner = tf.mul(tf.mul(x, Math.sqrt(2 / Math.PI)), tf.add(tf.mul(tf.square(x), 0.044715), 1));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

/** P(x) + x p(x), p being the normal density. */
function slope(x: tf.Tensor): tf.Tensor {
  const density = tf.div(tf.exp(tf.mul(tf.square(x), -0.5)), Math.sqrt(2 * Math.PI));
  return tf.add(normalDistribution(x), tf.mul(x, density));
}

function normalDistribution(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
}

/**
 * Each row of `x` [rows, features] to mean 0 and variance 1 (epsilon 1e-5 by default), times
 * `name`.scale, plus `name`.offset.
 */
export function layerNorm(weights: Tensors, name: string, x: tf.Tensor2D, epsilon: number = normEpsilon): tf.Tensor2D {
  const scaled = tf.mul(unitRows(x, epsilon), tensorNamed(weights, `${name}.scale`));
  const y: tf.Tensor2D = tf.add(scaled, tensorNamed(weights, `${name}.offset`));
  keeps(y);
  return y;
}

/** Each row of `x` [rows, features] to mean square 1, times `name`.scale (arXiv 1910.07467). */
export function rmsNorm(weights: Tensors, name: string, x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  const unit = tf.mul(x, tf.rsqrt(tf.add(rowMeans(tf.square(x)), epsilon)));
  return tf.mul(unit, tensorNamed(weights, `${name}.scale`));
}

/**
 * Rows of mean 0 and variance 1, with a gradient in closed form: differentiating the composition
 * would take twice as many ops.
 */
function unitRows(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  const run = tf.customGrad((input, save) => {
    const centred = tf.sub(input as tf.Tensor, rowMeans(input as tf.Tensor));
    const inverse = tf.rsqrt(tf.add(rowMeans(tf.square(centred)), epsilon));
    const value = tf.mul(centred, inverse);
    (save as tf.GradSaveFunc)([value, inverse]);
    keeps(value, inverse);
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

/** Starting weights of an affine map: `name`.linear [input, output] by Xavier, `name`.bias 0. */
export function initialXavierAffine(
  name: string,
  input: number,
  output: number,
  source: ValueSource,
): Record<string, NamedArray> {
  return { [`${name}.linear`]: initialXavier(source, input, output), [`${name}.bias`]: initialConstant(output, 0) };
}
