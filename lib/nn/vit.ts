import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { type Tensors, tensorNamed } from "../tf/gradients";
import { tf } from "../tf/tensorflow";
import { initialConstant, initialNormal, initialXavier } from "./initial";
import type { Pass } from "./pass";
import { attention, gelu, initialAttention, initialLayer, layerNorm, linear } from "./transformer-blocks";

/**
 * A small vision transformer (arXiv 2010.11929) without class token: the embedding is a linear map of the tokens' mean. Images
 * are `side` x `side`, cut into squares of `patch` x `patch`; `depth` blocks of `heads` attention heads on tokens of `width`.
 */
export interface VisionTransformer {
  readonly kind: "vit";
  readonly side: number;
  readonly patch: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly embedding: number;
}

/** Hidden features of a block's two-layer network, for each of a token's. */
export const expansion = 4;

/** Squares of an image. Throws RangeError on sizes that are no positive integers or do not divide. */
export function tokenCount({ kind: _, ...sizes }: VisionTransformer): number {
  for (const [name, size] of Object.entries(sizes)) {
    if (!(Number.isInteger(size) && size > 0))
      throw new RangeError(`a vision transformer's ${name} is a positive integer, got ${size}`);
  }
  const { side, patch, width, heads } = sizes;
  if (side % patch !== 0)
    throw new RangeError(`the side of a vision transformer's images is a multiple of its patch ${patch}, got ${side}`);
  if (width % heads !== 0)
    throw new RangeError(`a vision transformer's width is a multiple of its ${heads} heads, got ${width}`);
  return (side / patch) ** 2;
}

/** Random starting weights by name: matrices by Xavier, positions normal with deviation .02, biases 0. */
export function initialVit(architecture: VisionTransformer, random: Random): NamedArrays {
  const { patch, width, depth, embedding } = architecture;
  const tokens = tokenCount(architecture);
  const { data } = initialXavier(random, patch * patch * 3, width);
  return Object.assign(
    {
      "patches.convolution": { shape: [patch, patch, 3, width], data },
      "patches.bias": initialConstant(width, 0),
      positions: initialNormal(random, [tokens, width], 0.02),
    },
    ...Array.from({ length: depth }, (_, index) => initialBlock(`blocks.${index}`, width, random)),
    initialLayerNorm("head.norm", width),
    initialLayer("head", width, embedding, random),
  );
}

function initialBlock(name: string, width: number, random: Random): Record<string, NamedArray> {
  return {
    ...initialLayerNorm(`${name}.norm1`, width),
    ...initialAttention(`${name}.attention`, width, random),
    ...initialLayerNorm(`${name}.norm2`, width),
    ...initialLayer(`${name}.expand`, width, expansion * width, random),
    ...initialLayer(`${name}.contract`, expansion * width, width, random),
  };
}

function initialLayerNorm(name: string, width: number): Record<string, NamedArray> {
  return { [`${name}.scale`]: initialConstant(width, 1), [`${name}.offset`]: initialConstant(width, 0) };
}

/** Embeddings [batch, embedding] of `images` [batch, side, side, 3]; may be negative. Throws RangeError on another side. */
export function vit(architecture: VisionTransformer, { weights }: Pass, images: tf.Tensor4D): tf.Tensor2D {
  const { width, depth, heads } = architecture;
  const [batch] = images.shape;
  const tokens = tokenCount(architecture);
  let x = patches(architecture, weights, images);
  for (let index = 0; index < depth; index++) x = block(`blocks.${index}`, { tokens, heads }, weights, x);
  const mean = tf.mean(x.reshape([batch, tokens, width]), 1) as tf.Tensor2D;
  return linear(weights, "head", layerNorm(weights, "head.norm", mean));
}

/** One token a patch, with its position's embedding: [batch tokens, width], the tokens row by row. */
function patches({ side, patch, width }: VisionTransformer, weights: Tensors, images: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, across] = images.shape;
  if (height !== side || across !== side)
    throw new RangeError(`this vision transformer takes images of ${side} x ${side}, got ${height} x ${across}`);
  const cut = tf.conv2d(images, tensorNamed<tf.Tensor4D>(weights, "patches.convolution"), patch, "valid");
  const tokens = tf.add(cut, tensorNamed(weights, "patches.bias")).reshape([batch, -1, width]);
  return tf.add(tokens, tensorNamed(weights, "positions")).reshape([-1, width]);
}

function block(
  name: string,
  shape: { readonly tokens: number; readonly heads: number },
  weights: Tensors,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const y = tf.add<tf.Tensor2D>(
    x,
    attention(weights, `${name}.attention`, shape, layerNorm(weights, `${name}.norm1`, x)),
  );
  const hidden = gelu(linear(weights, `${name}.expand`, layerNorm(weights, `${name}.norm2`, y)));
  return tf.add(y, linear(weights, `${name}.contract`, hidden));
}
