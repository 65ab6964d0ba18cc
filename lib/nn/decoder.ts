import type { NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { weightNamed } from "../tf/gradients";
import { relu } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { convolve } from "./convolution";
import type { ConvolutionNet } from "./convolution-net";
import { initialBias, initialConvolution, initialLinear, initialNorm } from "./initial";
import { normalise, type Pass } from "./pass";

const blocks = [0, 1, 2, 3] as const;

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
  const flat = tf.matMul(embeddings, weightNamed<tf.Tensor2D>(pass.weights, "decoder.linear"));
  let x = tf
    .add(flat, weightNamed(pass.weights, "decoder.bias"))
    .reshape<tf.Tensor4D>([-1, side / 16, side / 16, channels]);
  for (const index of blocks) {
    const larger = doubled(x);
    const y = convolve(larger, weightNamed(pass.weights, `decoder.${index}.convolution`));
    x = relu(normalise(pass, `decoder.${index}.norm`, y));
  }
  return convolve(x, weightNamed(pass.weights, "decoder.last.convolution"));
}

/** Each pixel four times: twice the height and width. */
function doubled(x: tf.Tensor4D): tf.Tensor4D {
  return tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]);
}
