import type { NamedArray } from "../core/named-arrays";
import { product } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { initialBias, initialLinear, type ValueSource } from "./initial";
import { multiplies } from "./tally";

// Two ways to compute x W + b, which round differently. h uses TensorFlow's MatMul; the other
// networks use the batched product of tf.matMul, and results were computed with that.

/** `x` [rows, input] times the weight `name`.linear [input, output], by MatMul: [rows, output]. */
export function linear(weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const matrix = tensorNamed<tf.Tensor2D>(weights, `${name}.linear`);
  multiplies(x.shape[0] * matrix.size);
  return product(x, matrix);
}

/** The same plus the weight `name`.bias [output]. */
export function affine(weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(linear(weights, name, x), tensorNamed<tf.Tensor1D>(weights, `${name}.bias`));
}

/** `affine` by the batched product instead of MatMul. */
export function batchedAffine(weights: Tensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const matrix = tensorNamed<tf.Tensor2D>(weights, `${name}.linear`);
  multiplies(x.shape[0] * matrix.size);
  return tf.add(tf.matMul(x, matrix), tensorNamed<tf.Tensor1D>(weights, `${name}.bias`));
}

/** Random starting weights of an affine map, by PyTorch's default. */
export function initialAffine(
  name: string,
  input: number,
  output: number,
  source: ValueSource,
): Record<string, NamedArray> {
  return {
    [`${name}.linear`]: initialLinear(source, input, output),
    [`${name}.bias`]: initialBias(source, input, output),
  };
}
