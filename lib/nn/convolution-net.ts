import type { NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { weightNamed } from "../tf/gradients";
import { relu } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { convolve } from "./convolution";
import { initialBias, initialConvolution, initialLinear, initialNorm } from "./initial";
import { normalise, type Pass } from "./pass";

/**
 * A plain network for small images: four blocks of 3x3 convolution, normalisation, ReLU and 2x2 max-pool, then a linear map
 * to `embedding` dimensions. Images are `side` x `side`; side must be a multiple of 16.
 */
export interface ConvolutionNet {
  readonly kind: "convolution-net";
  readonly channels: number;
  readonly side: number;
  readonly embedding: number;
}

/** The numbers of the blocks. */
export const blocks = [0, 1, 2, 3] as const;

/** Values of an image after the blocks. */
export function flatSize({ channels, side }: ConvolutionNet): number {
  if (side % 16 !== 0)
    throw new RangeError(`a convolution net needs images whose side is a multiple of 16, got ${side}`);
  return channels * (side / 16) ** 2;
}

/** Random starting weights by name. */
export function initialConvolutionNet(architecture: ConvolutionNet, random: Random): NamedArrays {
  const { channels, embedding } = architecture;
  const flat = flatSize(architecture);
  return Object.assign(
    { "head.linear": initialLinear(random, flat, embedding), "head.bias": initialBias(random, flat, embedding) },
    ...blocks.map((index) => ({
      [`blocks.${index}.convolution`]: initialConvolution(random, 3, index === 0 ? 3 : channels, channels),
      ...initialNorm(`blocks.${index}.norm`, channels),
    })),
  );
}

/** Embeddings [batch, embedding] of `images` [batch, side, side, 3]; may be negative. */
export function convolutionNet(architecture: ConvolutionNet, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  let x = images;
  for (const index of blocks) {
    const y = convolve(x, weightNamed(pass.weights, `blocks.${index}.convolution`));
    x = tf.maxPool(relu(normalise(pass, `blocks.${index}.norm`, y)), 2, 2, "valid");
  }
  const flat = x.reshape<tf.Tensor2D>([images.shape[0], flatSize(architecture)]);
  return tf.add(
    tf.matMul(flat, weightNamed<tf.Tensor2D>(pass.weights, "head.linear")),
    weightNamed(pass.weights, "head.bias"),
  );
}
