import { arrayNamed, type NamedArray, type NamedArrays } from "../../core/named-arrays";
import { addBias, normEpsilon } from "../../tf/native";
import type { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed } from "../../tf/tensors";
import { convolve } from "../convolution";
import { evaluation } from "../pass";
import { type Architecture, embeddings } from "./network";
import { convolutionsOf, type NormalisedConvolution, type ResNet, resnetBy } from "./resnet";

/** A network in evaluation mode. */
interface Inference {
  readonly weights: NamedArrays;
  /**
   * Embeddings [batch, embedding] of `images` [batch, height, width, 3] from those weights as
   * tensors.
   */
  readonly embeddings: (weights: Tensors, images: tf.Tensor4D) => tf.Tensor2D;
}

/**
 * A trained network as it embeds fastest: a ResNet with its normalisations folded into the
 * convolutions.
 */
export function inference(architecture: Architecture, weights: NamedArrays): Inference {
  if (architecture.kind === "resnet") {
    return {
      weights: foldNorms(architecture, weights),
      embeddings: (folded, images) => foldedResnet(architecture, folded, images),
    };
  }
  return { weights, embeddings: (tensors, images) => embeddings(architecture, evaluation(tensors), images) };
}

/**
 * A ResNet's weights with every normalisation (by running statistics) multiplied into the
 * convolution before it, which gains a "….bias". Weights outside of convolutions, such as a
 * classifier's, are left out.
 */
function foldNorms(architecture: ResNet, weights: NamedArrays): NamedArrays {
  return Object.assign({}, ...convolutionsOf(architecture).map((convolution) => folded(convolution, weights)));
}

function folded({ name, norm }: NormalisedConvolution, weights: NamedArrays): Record<string, NamedArray> {
  const { shape, data } = arrayNamed(weights, name);
  const part = (of: string): ArrayLike<number> => arrayNamed(weights, `${norm}.${of}`).data;
  const [scale, offset, mean, variance] = [part("scale"), part("offset"), part("mean"), part("variance")];
  const factors = Float64Array.from(scale, (value, c) => value / Math.sqrt((variance[c] ?? Number.NaN) + normEpsilon));
  const bias = Float32Array.from(factors, (factor, c) => (offset[c] ?? Number.NaN) - (mean[c] ?? Number.NaN) * factor);
  const scaled = new Float32Array(data.length);
  for (let first = 0; first < data.length; first += factors.length) {
    for (let c = 0; c < factors.length; c++) scaled[first + c] = (data[first + c] as number) * (factors[c] as number);
  }
  return { [name]: { shape, data: scaled }, [`${name}.bias`]: { shape: [bias.length], data: bias } };
}

/**
 * The embeddings of `resnet` in evaluation mode, up to rounding, from weights made by `foldNorms`.
 */
function foldedResnet(architecture: ResNet, weights: Tensors, images: tf.Tensor4D): tf.Tensor2D {
  return resnetBy(architecture, images, ({ name, stride }, x) =>
    addBias(convolve(x, tensorNamed(weights, name), stride), tensorNamed(weights, `${name}.bias`)),
  );
}
