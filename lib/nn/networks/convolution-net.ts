import { unexpected } from "../../core/check";
import type { NamedArrays } from "../../core/named-arrays";
import { relu } from "../../tf/native";
import { tf } from "../../tf/tensorflow";
import { tensorNamed } from "../../tf/tensors";
import { convolve, halve } from "../convolution";
import { initialConvolution, initialNorm, type ValueSource } from "../initial";
import { batchedAffine, initialAffine } from "../linear";
import { normalise, type Pass } from "../pass";

/**
 * A plain network for small images: four blocks of 3x3 convolution, normalisation, ReLU and 2x2
 * max-pool, then a linear map to `embedding` dimensions. Images are `side` x `side`; `side` must be
 * a multiple of 16.
 */
export interface ConvolutionNet {
  readonly kind: "convolution-net";
  readonly channels: number;
  readonly side: number;
  readonly embedding: number;
}

const blocks = [0, 1, 2, 3] as const;

/** Values of an image after the blocks. */
function flatSize({ channels, side }: ConvolutionNet): number {
  if (side % 16 !== 0) throw unexpected("a convolution net's side", "a multiple of 16", side);
  return channels * (side / 16) ** 2;
}

/** Random starting weights by name. */
export function initialConvolutionNet(architecture: ConvolutionNet, source: ValueSource): NamedArrays {
  const { channels, embedding } = architecture;
  const flat = flatSize(architecture);
  return Object.assign(
    initialAffine("head", flat, embedding, source),
    ...blocks.map((index) => ({
      [`blocks.${index}.convolution`]: initialConvolution(source, 3, index === 0 ? 3 : channels, channels),
      ...initialNorm(`blocks.${index}.norm`, channels),
    })),
  );
}

/**
 * Embeddings [batch, embedding] of `images` [batch, side, side, 3]; they may be negative. Throws
 * RangeError for another side.
 */
export function convolutionNet(architecture: ConvolutionNet, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width] = images.shape;
  const { side } = architecture;
  if (height !== side || width !== side)
    throw unexpected("a convolution net's images", `${side} x ${side}`, `${height} x ${width}`);
  let x = images;
  for (const index of blocks) {
    const y = convolve(x, tensorNamed(pass.weights, `blocks.${index}.convolution`));
    x = halve(relu(normalise(pass, `blocks.${index}.norm`, y)));
  }
  return batchedAffine(pass.weights, "head", x.reshape([batch, flatSize(architecture)]));
}

/** Random starting weights of the mirror image of a convolution net, from embedding to image. */
export function initialDecoder(architecture: ConvolutionNet, source: ValueSource): NamedArrays {
  const { channels, embedding } = architecture;
  return Object.assign(
    {
      ...initialAffine("decoder", embedding, flatSize(architecture), source),
      "decoder.last.convolution": initialConvolution(source, 3, channels, 3),
    },
    ...blocks.map((index) => ({
      [`decoder.${index}.convolution`]: initialConvolution(source, 3, channels, channels),
      ...initialNorm(`decoder.${index}.norm`, channels),
    })),
  );
}

/**
 * Images [batch, side, side, 3] from embeddings [batch, embedding]: a linear map, four blocks that
 * double the side, then a convolution.
 */
export function decoder({ channels, side }: ConvolutionNet, pass: Pass, embeddings: tf.Tensor2D): tf.Tensor4D {
  const flat = batchedAffine(pass.weights, "decoder", embeddings);
  let x: tf.Tensor4D = flat.reshape([-1, side / 16, side / 16, channels]);
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
