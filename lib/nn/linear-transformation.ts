import { unexpected } from "../core/check";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { relu } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { initialLinear, type ValueSource } from "./initial";
import { affine, initialAffine, linear } from "./linear";
import type { Pass } from "./pass";

/*
 * A linear h: one map with a bias of both embeddings side by side. Two variants of it:
 *
 *   "factored"   both [input] -> map.0 [inner] -> map.1 [target] with the bias: of rank `inner`
 *   "residual"   map of both + residual.1 of relu(residual.0 of both); residual.0 has width `inner`
 */

/** What a linear h is besides a plain map. */
export type LinearVariant = "factored" | "residual";

/** The dimensions of both inputs together, of the output, and between. */
interface LinearSizes {
  readonly input: number;
  readonly target: number;
  readonly inner: number;
}

/** Random starting weights of a linear h by name; a residual part begins as zero. */
export function initialLinearMap(
  { input, target, inner }: LinearSizes,
  variant: LinearVariant | undefined,
  source: ValueSource,
): NamedArrays {
  const { last } = linearLayers(variant);
  if (variant === undefined) return initialAffine(last, input, target, source);
  if (variant === "factored") {
    return { "map.0.linear": initialLinear(source, input, inner), ...initialAffine(last, inner, target, source) };
  }
  return {
    ...initialAffine(last, input, target, source),
    ...initialAffine("residual.0", input, inner, source),
    ...initialAffine("residual.1", inner, target, "zeros"),
  };
}

/** The names of the first and the last layer, by whose shapes the dimensions are known. */
export function linearLayers(variant: LinearVariant | undefined): { readonly first: string; readonly last: string } {
  return variant === "factored" ? { first: "map.0", last: "map.1" } : { first: "map", last: "map" };
}

/** A linear h of `both` [batch, input]: [batch, target]. */
export function linearMap({ weights }: Pass, both: tf.Tensor2D, variant: LinearVariant | undefined): tf.Tensor2D {
  const { first, last } = linearLayers(variant);
  switch (variant) {
    case undefined:
      return affine(weights, last, both);
    case "factored":
      return affine(weights, last, linear(weights, first, both));
    case "residual":
      return tf.add(
        affine(weights, last, both),
        affine(weights, "residual.1", relu(affine(weights, "residual.0", both))),
      );
  }
}

/** The form of the linear h with these weights; null if it is no linear h. */
export function linearFormOf(weights: NamedArrays): { readonly linear: true; readonly variant?: LinearVariant } | null {
  if (weights["map.1.bias"] !== undefined) return { linear: true, variant: "factored" };
  if (weights["map.bias"] === undefined) return null;
  return weights["residual.1.bias"] === undefined ? { linear: true } : { linear: true, variant: "residual" };
}

/** The width between input and output of a linear h, 0 if there is none. */
export function innerWidth(weights: NamedArrays, variant: LinearVariant | undefined): number {
  const width = (array: NamedArray | undefined, axis: number): number => array?.shape[axis] ?? 0;
  if (variant === "factored") return width(weights["map.0.linear"], 1);
  return variant === "residual" ? width(weights["residual.0.bias"], 0) : 0;
}

/** Throws RangeError if an h that is not linear is said to be of a variant. */
export function requireLinear(linearOrNot: true | undefined, variant: LinearVariant | undefined): void {
  if (variant !== undefined && linearOrNot === undefined) {
    throw unexpected("variant of an h with branches", "none", variant);
  }
}
