import { unexpected, wholeNumber } from "../core/check";
import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import { relu } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { initialLinear, initialNorm, type ValueSource } from "./initial";
import { affine, initialAffine, linear } from "./linear";
import {
  initialLinearMap,
  type LinearVariant,
  linearFormOf,
  linearLayers,
  linearMap,
  requireLinear,
} from "./linear-transformation";
import { normaliseFeatures, type Pass } from "./pass";

/*
 * The transformation h (official code of FCT) maps an old embedding and its side-information into
 * the space of the new embeddings. Weights are named as the parts are here:
 *
 *   old [old]   -> old.0  [2 old]  -> old.1  [2 target] --+
 *                                                         +-> concatenated [4 target]
 *   side [side] -> side.0 [2 side] -> side.1 [2 target] --+
 *
 *   concatenated [4 target] -> mixer.0 [inner] -> mixer.1 [inner] -> mixer.2 [target]
 *
 * Every part is a linear map without bias, then batch normalisation, then ReLU; the last is a
 * linear map with a bias and nothing after it. `old` is p1 of the paper's code, `side` is p2. By
 * default the mixer has two hidden parts of width `inner` (2048 in the paper). With 0 to 4 hidden
 * parts the last is mixer.0 to mixer.4; a linear h is one map with a bias, called "map", of both
 * embeddings, or one of its variants in linear-transformation.ts.
 */

/** How h is built; by default as in the paper. */
export interface TransformationForm {
  /** Hidden layers of the mixer, 0 to 4; 2 by default. */
  readonly layers?: number | undefined;
  /**
   * h is one linear map of both embeddings with a bias, without branches, mixer or normalisation.
   */
  readonly linear?: true | undefined;
  /** A linear h may be of low rank, or have a small network beside it. */
  readonly variant?: LinearVariant | undefined;
}

/**
 * The form of h, and its dimensions: old embedding, side-information, new embedding, mixer's width.
 */
export interface TransformationSizes extends TransformationForm {
  readonly old: number;
  readonly side: number;
  readonly target: number;
  readonly inner: number;
}

/** Random starting weights of h by name. Throws RangeError for a form that is not allowed. */
export function initialTransformation(sizes: TransformationSizes, source: ValueSource): NamedArrays {
  const { old, side, target, inner } = sizes;
  const last = lastLayer(sizes);
  if (sizes.linear) return initialLinearMap({ input: old + side, target, inner }, sizes.variant, source);
  const branches = { ...initialBranch("old", old, target, source), ...initialBranch("side", side, target, source) };
  const hidden = hiddenLayers(sizes).map((name, i) => initialLayer(name, i === 0 ? 4 * target : inner, inner, source));
  const width = hidden.length === 0 ? 4 * target : inner;
  return Object.assign(branches, ...hidden, initialAffine(last, width, target, source));
}

/** h(old, side) for `old` [batch, old] and `side` [batch, side]: [batch, target]. */
export function transformation(
  pass: Pass,
  old: tf.Tensor2D,
  side: tf.Tensor2D,
  form: TransformationForm = {},
): tf.Tensor2D {
  if (form.linear) return linearMap(pass, tf.concat2d([old, side], 1), form.variant);
  const both = tf.concat2d([branch(pass, "old", old), branch(pass, "side", side)], 1);
  const mixed = hiddenLayers(form).reduce((x, name) => layer(pass, name, x), both);
  return affine(pass.weights, lastLayer(form), mixed);
}

/** The form of the h with these weights. Throws Error if they are another network's. */
export function formOf(weights: NamedArrays): TransformationForm {
  const linearForm = linearFormOf(weights);
  if (linearForm !== null) return linearForm;
  const layers = [0, 1, 2, 3, 4].find((count) => weights[`mixer.${count}.bias`] !== undefined);
  if (layers !== undefined) return { layers };
  const names = Object.keys(weights).slice(0, 8).join(", ") || "nothing";
  throw new Error(`no weights of h: a last layer is missing among ${names}`);
}

/** The name of h's last layer, whose bias has the dimensions of the new embedding. */
export function lastLayer(form: TransformationForm): string {
  const hidden = hiddenLayers(form);
  return form.linear ? linearLayers(form.variant).last : `mixer.${hidden.length}`;
}

/** The name of the layer that a linear h begins with; its rows are both embeddings' dimensions. */
export function firstLinearLayer({ variant }: TransformationForm): string {
  return linearLayers(variant).first;
}

/**
 * Throws RangeError, naming both, if h with these weights takes other dimensions than `old` and
 * `side`.
 */
export function requireInputs(
  weights: NamedArrays,
  { old, side }: Pick<TransformationSizes, "old" | "side">,
  form: TransformationForm,
): void {
  const inputs: readonly (readonly [string, string, number])[] = form.linear
    ? [["old embedding and side-information together", firstLinearLayer(form), old + side]]
    : [
        ["the old embedding", "old.0", old],
        ["the side-information", "side.0", side],
      ];
  for (const [what, layerName, dimensions] of inputs) {
    const [taken] = arrayNamed(weights, `${layerName}.linear`).shape;
    if (taken !== dimensions) throw new RangeError(`h takes ${taken} dimensions of ${what}, got ${dimensions}`);
  }
}

function hiddenLayers({ layers = 2, linear: isLinear, variant }: TransformationForm): readonly string[] {
  requireLinear(isLinear, variant);
  if (isLinear && layers !== 2) throw unexpected("mixer layers of a linear h, which has no mixer", "none", layers);
  wholeNumber("mixer layers", layers, { least: 0, most: 4 });
  return Array.from({ length: layers }, (_, index) => `mixer.${index}`);
}

function branch(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return layer(pass, `${name}.1`, layer(pass, `${name}.0`, x));
}

function layer(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return relu(normaliseFeatures(pass, `${name}.norm`, linear(pass.weights, name, x)));
}

function initialBranch(name: string, input: number, target: number, source: ValueSource): Record<string, NamedArray> {
  return {
    ...initialLayer(`${name}.0`, input, 2 * input, source),
    ...initialLayer(`${name}.1`, 2 * input, 2 * target, source),
  };
}

function initialLayer(name: string, input: number, output: number, source: ValueSource): Record<string, NamedArray> {
  return { [`${name}.linear`]: initialLinear(source, input, output), ...initialNorm(`${name}.norm`, output) };
}
