import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { weightNamed } from "../tf/gradients";
import { relu } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { initialBias, initialLinear, initialNorm } from "./initial";
import { normaliseFeatures, type Pass } from "./pass";

/** Dimensions of the transformation h: old embedding, side-information, new embedding, and the mixer's inner width (2048 in the paper). */
export interface Projection {
  readonly old: number;
  readonly side: number;
  readonly target: number;
  readonly inner: number;
}

/** Random starting weights of h by name. */
export function initialProjection({ old, side, target, inner }: Projection, random: Random): NamedArrays {
  return {
    ...initialBranch("old", old, target, random),
    ...initialBranch("side", side, target, random),
    ...initialLayer("mixer.0", 4 * target, inner, random),
    ...initialLayer("mixer.1", inner, inner, random),
    "mixer.2.linear": initialLinear(random, inner, target),
    "mixer.2.bias": initialBias(random, inner, target),
  };
}

/** h(old [batch, old], side [batch, side]): [batch, target] (FCT, section 4.2). Each layer is linear, batch normalisation, ReLU; the last is linear. */
export function projection(pass: Pass, old: tf.Tensor2D, side: tf.Tensor2D): tf.Tensor2D {
  const both = tf.concat2d([branch(pass, "old", old), branch(pass, "side", side)], 1);
  const mixed = layer(pass, "mixer.1", layer(pass, "mixer.0", both));
  return tf.add(linear(pass, "mixer.2", mixed), weightNamed<tf.Tensor1D>(pass.weights, "mixer.2.bias"));
}

function branch(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return layer(pass, `${name}.1`, layer(pass, `${name}.0`, x));
}

function layer(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return relu(normaliseFeatures(pass, `${name}.norm`, linear(pass, name, x)));
}

function linear({ weights }: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(x, weightNamed<tf.Tensor2D>(weights, `${name}.linear`));
}

function initialBranch(name: string, input: number, target: number, random: Random): Record<string, NamedArray> {
  return {
    ...initialLayer(`${name}.0`, input, 2 * input, random),
    ...initialLayer(`${name}.1`, 2 * input, 2 * target, random),
  };
}

function initialLayer(name: string, input: number, output: number, random: Random): Record<string, NamedArray> {
  return { [`${name}.linear`]: initialLinear(random, input, output), ...initialNorm(`${name}.norm`, output) };
}
