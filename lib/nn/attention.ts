import type { NamedArray } from "../core/named-arrays";
import type { Random } from "../core/random";
import type { Tensors } from "../tf/gradients";
import { tf } from "../tf/tensorflow";
import { initialLayer, linear } from "./linear";

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
