import type { NamedArray } from "../core/named-arrays";
import type { Random } from "../core/random";
import { type Tensors, weightNamed } from "../tf/gradients";
import { tf } from "../tf/tensorflow";
import { initialConstant, initialXavier } from "./initial";

/** x [rows, input] times `name`.linear plus `name`.bias: [rows, output]. */
export function linear(weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const product = tf.matMul(x, weightNamed<tf.Tensor2D>(weights, `${name}.linear`));
  return tf.add(product, weightNamed(weights, `${name}.bias`));
}

/** `name`.linear [input, output] by Xavier, `name`.bias 0. */
export function initialLayer(name: string, input: number, output: number, random: Random): Record<string, NamedArray> {
  return { [`${name}.linear`]: initialXavier(random, input, output), [`${name}.bias`]: initialConstant(output, 0) };
}
