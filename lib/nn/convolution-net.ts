import type { NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { tensorNamed } from "../tf/gradients";
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
    const y = convolve(x, tensorNamed(pass.weights, `blocks.${index}.convolution`));
    x = tf.maxPool(relu(normalise(pass, `blocks.${index}.norm`, y)), 2, 2, "valid");
  }
  const flat = x.reshape<tf.Tensor2D>([images.shape[0], flatSize(architecture)]);
  return tf.add(
    tf.matMul(flat, tensorNamed<tf.Tensor2D>(pass.weights, "head.linear")),
    tensorNamed(pass.weights, "head.bias"),
  );
}

/** Starting weights of the mirror image of a convolution net: embedding to image. */
export function initialDecoder({ channels, side, embedding }: ConvolutionNet, random: Random): NamedArrays {
  const flat = channels * (side / 16) ** 2;
  return Object.assign(
    {
      "decoder.linear": initialLinear(random, embedding, flat),
      "decoder.bias": initialBias(random, embedding, flat),
      "decoder.last.convolution": initialConvolution(random, 3, channels, 3),
    },
    ...blocks.map((index) => ({
      [`decoder.${index}.convolution`]: initialConvolution(random, 3, channels, channels),
      ...initialNorm(`decoder.${index}.norm`, channels),
    })),
  );
}

/** Images [batch, side, side, 3] from embeddings [batch, embedding]: four blocks that double the side, then a convolution. */
export function decoder({ channels, side }: ConvolutionNet, pass: Pass, embeddings: tf.Tensor2D): tf.Tensor4D {
  const flat = tf.matMul(embeddings, tensorNamed<tf.Tensor2D>(pass.weights, "decoder.linear"));
  let x = tf
    .add(flat, tensorNamed(pass.weights, "decoder.bias"))
    .reshape<tf.Tensor4D>([-1, side / 16, side / 16, channels]);
  for (const index of blocks) {
    const larger = doubled(x);
    const y = convolve(larger, tensorNamed(pass.weights, `decoder.${index}.convolution`));
    x = relu(normalise(pass, `decoder.${index}.norm`, y));
  }
  return convolve(x, tensorNamed(pass.weights, "decoder.last.convolution"));
}

/** Each pixel four times: twice the height and width. */
function doubled(x: tf.Tensor4D): tf.Tensor4D {
  return tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]);
}
