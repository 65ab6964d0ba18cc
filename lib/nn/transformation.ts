import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { tensorNamed } from "../tf/gradients";
import { product, relu } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { initialBias, initialLinear, initialNorm } from "./initial";
import { normaliseFeatures, type Pass } from "./pass";

/** How the transformation h is built; by default as in the paper. */
export interface TransformationForm {
  /** Hidden layers of the mixer, 0 to 4; 2 by default. */
  readonly layers?: number | undefined;
  /** h is one linear map of both embeddings, with a bias: no branches, no mixer, no normalisation. */
  readonly linear?: true | undefined;
}

/** Dimensions of the transformation h: old embedding, side-information, new embedding, and the mixer's inner width (2048 in the paper). */
export interface TransformationSizes extends TransformationForm {
  readonly old: number;
  readonly side: number;
  readonly target: number;
  readonly inner: number;
}

/** Random starting weights of h by name. Throws RangeError on a form that is not allowed. */
export function initialTransformation(sizes: TransformationSizes, random: Random): NamedArrays {
  const { old, side, target, inner } = sizes;
  const last = lastLayer(sizes);
  if (sizes.linear) return initialAffine(last, old + side, target, random);
  const branches = { ...initialBranch("old", old, target, random), ...initialBranch("side", side, target, random) };
  const hidden = hiddenLayers(sizes).map((name, i) => initialLayer(name, i === 0 ? 4 * target : inner, inner, random));
  const width = hidden.length === 0 ? 4 * target : inner;
  return Object.assign(branches, ...hidden, initialAffine(last, width, target, random));
}

/** h(old [batch, old], side [batch, side]): [batch, target] (FCT, section 4.2). Each layer is linear, batch normalisation, ReLU; the last is linear. */
export function transformation(
  pass: Pass,
  old: tf.Tensor2D,
  side: tf.Tensor2D,
  form: TransformationForm = {},
): tf.Tensor2D {
  if (form.linear) return affine(pass, lastLayer(form), tf.concat2d([old, side], 1));
  const both = tf.concat2d([branch(pass, "old", old), branch(pass, "side", side)], 1);
  const mixed = hiddenLayers(form).reduce((x, name) => layer(pass, name, x), both);
  return affine(pass, lastLayer(form), mixed);
}

/** The form of the h with these weights. Throws Error where they are another network's. */
export function formOf(weights: NamedArrays): TransformationForm {
  if (weights["map.bias"] !== undefined) return { linear: true };
  const layers = [0, 1, 2, 3, 4].find((count) => weights[`mixer.${count}.bias`] !== undefined);
  if (layers !== undefined) return { layers };
  const names = Object.keys(weights).slice(0, 8).join(", ") || "nothing";
  throw new Error(`no weights of h: a last layer is missing among ${names}`);
}

/** The name of h's last layer, which is linear and has a bias of the new embedding's dimensions. */
export function lastLayer(form: TransformationForm): string {
  const hidden = hiddenLayers(form);
  return form.linear ? "map" : `mixer.${hidden.length}`;
}

/** Throws RangeError, naming both, where h with these weights takes embeddings of other dimensions than `old` and `side`. */
export function requireInputs(
  weights: NamedArrays,
  { old, side }: Pick<TransformationSizes, "old" | "side">,
  form: TransformationForm,
): void {
  const inputs: readonly (readonly [string, string, number])[] = form.linear
    ? [["old embedding and side-information together", lastLayer(form), old + side]]
    : [
        ["the old embedding", "old.0", old],
        ["the side-information", "side.0", side],
      ];
  for (const [what, layerName, dimensions] of inputs) {
    const [taken] = arrayNamed(weights, `${layerName}.linear`).shape;
    if (taken !== dimensions) throw new RangeError(`h takes ${taken} dimensions of ${what}, got ${dimensions}`);
  }
}

function hiddenLayers({ layers = 2, linear }: TransformationForm): readonly string[] {
  if (linear && layers !== 2) throw new RangeError(`a mixer of ${layers} layers: a linear h has no mixer`);
  if (!(Number.isInteger(layers) && layers >= 0 && layers <= 4)) {
    throw new RangeError(`a mixer of ${layers} layers: allowed is a whole number from 0 to 4`);
  }
  return Array.from({ length: layers }, (_, index) => `mixer.${index}`);
}

function branch(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return layer(pass, `${name}.1`, layer(pass, `${name}.0`, x));
}

function layer(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return relu(normaliseFeatures(pass, `${name}.norm`, linear(pass, name, x)));
}

function linear({ weights }: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return product(x, tensorNamed<tf.Tensor2D>(weights, `${name}.linear`));
}

/** A linear map with a bias. */
export function affine(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(linear(pass, name, x), tensorNamed<tf.Tensor1D>(pass.weights, `${name}.bias`));
}

/** Its random starting weights. */
export function initialAffine(name: string, input: number, output: number, random: Random): NamedArrays {
  return {
    [`${name}.linear`]: initialLinear(random, input, output),
    [`${name}.bias`]: initialBias(random, input, output),
  };
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
