import { unexpected, wholeNumber } from "../../core/check";
import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed } from "../../tf/tensors";
import { initialConstant, initialNormal, initialXavier, type ValueSource } from "../initial";
import { batchedAffine } from "../linear";
import type { Pass } from "../pass";
import { multiplies } from "../tally";
import { attention, gelu, initialAttention, initialXavierAffine, layerNorm } from "./transformer-blocks";

/**
 * A small vision transformer (arXiv 2010.11929) without class token: the embedding is an affine map
 * of the tokens' mean. Images are `side` x `side`, cut into squares of `patch` x `patch`; tokens of
 * `width` features pass through `depth` blocks of `heads` attention heads.
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

/** Hidden features of a block's two-layer network, for each feature of a token. */
const expansion = 4;

/**
 * The patches of an image. Throws RangeError for sizes that are not positive integers or do not
 * divide.
 */
function tokenCount({ kind: _, ...sizes }: VisionTransformer): number {
  for (const [name, size] of Object.entries(sizes)) wholeNumber(`a vision transformer's ${name}`, size, { least: 1 });
  const { side, patch, width, heads } = sizes;
  if (side % patch !== 0) throw unexpected("a vision transformer's side", `a multiple of its patch ${patch}`, side);
  if (width % heads !== 0) throw unexpected("a vision transformer's width", `a multiple of its ${heads} heads`, width);
  return (side / patch) ** 2;
}

/**
 * Random starting weights by name: matrices by Xavier, positions normal with deviation 0.02, biases
 * 0.
 */
export function initialVit(architecture: VisionTransformer, source: ValueSource): NamedArrays {
  const { patch, width, depth, embedding } = architecture;
  const tokens = tokenCount(architecture);
  const { data } = initialXavier(source, patch * patch * 3, width);
  return Object.assign(
    {
      "patches.convolution": { shape: [patch, patch, 3, width], data },
      "patches.bias": initialConstant(width, 0),
      positions: initialNormal(source, [tokens, width], 0.02),
    },
    ...Array.from({ length: depth }, (_, index) => initialBlock(`blocks.${index}`, width, source)),
    initialLayerNorm("head.norm", width),
    initialXavierAffine("head", width, embedding, source),
  );
}

function initialBlock(name: string, width: number, source: ValueSource): Record<string, NamedArray> {
  return {
    ...initialLayerNorm(`${name}.norm1`, width),
    ...initialAttention(`${name}.attention`, width, source),
    ...initialLayerNorm(`${name}.norm2`, width),
    ...initialXavierAffine(`${name}.expand`, width, expansion * width, source),
    ...initialXavierAffine(`${name}.contract`, expansion * width, width, source),
  };
}

function initialLayerNorm(name: string, width: number): Record<string, NamedArray> {
  return { [`${name}.scale`]: initialConstant(width, 1), [`${name}.offset`]: initialConstant(width, 0) };
}

/**
 * Embeddings [batch, embedding] of `images` [batch, side, side, 3]; they may be negative. Throws
 * RangeError for another side.
 */
export function vit(architecture: VisionTransformer, { weights }: Pass, images: tf.Tensor4D): tf.Tensor2D {
  const { width, depth, heads } = architecture;
  const [batch] = images.shape;
  const tokens = tokenCount(architecture);
  let x = patches(architecture, weights, images);
  for (let index = 0; index < depth; index++) x = block(`blocks.${index}`, { tokens, heads }, weights, x);
  const mean = tf.mean(x.reshape([batch, tokens, width]), 1) as tf.Tensor2D;
  return batchedAffine(weights, "head", layerNorm(weights, "head.norm", mean));
}

/**
 * One token for each patch, with its position's embedding: [batch tokens, width], row by row of the
 * image.
 */
function patches({ side, patch, width }: VisionTransformer, weights: Tensors, images: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, across] = images.shape;
  if (height !== side || across !== side)
    throw unexpected("a vision transformer's images", `${side} x ${side}`, `${height} x ${across}`);
  const cut = tf.conv2d(images, tensorNamed<tf.Tensor4D>(weights, "patches.convolution"), patch, "valid");
  multiplies(cut.size * patch ** 2 * 3);
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
  const hidden = gelu(batchedAffine(weights, `${name}.expand`, layerNorm(weights, `${name}.norm2`, y)));
  return tf.add(y, batchedAffine(weights, `${name}.contract`, hidden));
}
