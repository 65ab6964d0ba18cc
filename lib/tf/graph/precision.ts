/**
 * The numbers in which convolutions and matrix products are computed. With "bfloat16" they read 8
 * significant bits instead of 24, in the exponent range of float32, and add up in float32. Weights,
 * depthwise convolutions, normalisation, losses, reductions and the optimizer stay in float32, and
 * gradients of filters on small maps, but of 1 x 1 filters, which are matrix products there. A
 * trained ResNet embeds with biases and activations in bfloat16, too.
 */
export type Precision = (typeof precisions)[number];

export const precisions = ["float32", "bfloat16"] as const;

/** The part of a recipe that names the precision; float32 by default. */
export interface PrecisionOf {
  readonly precision?: Precision | undefined;
}

/**
 * A recipe without the default that it may name, so that both ways to write it have the same keys.
 */
export function withoutDefault<R extends PrecisionOf>(recipe: R): R {
  const { precision, ...rest } = recipe;
  return precision === "float32" ? (rest as R) : recipe;
}
