import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { weightNamed } from "../tf/gradients";
import { relu } from "../tf/native";
import type { tf } from "../tf/tensorflow";
import { convolve, globalAveragePool, maxPool } from "./convolution";
import { initialConvolution, initialNorm } from "./initial";
import { normalise, type Pass } from "./pass";
import {
  type Block,
  blocksOf,
  convolutionsOf,
  mainPathOf,
  type NormalisedConvolution,
  type ResNet,
  shortcutOf,
  stemOf,
} from "./resnet-blocks";

/** Random starting weights by name. */
export function initialResNet(architecture: ResNet, random: Random): NamedArrays {
  return Object.assign({}, ...convolutionsOf(architecture).map((each) => initialNormalised(each, random)));
}

function initialNormalised(
  { name, norm, window, input, output }: NormalisedConvolution,
  random: Random,
): Record<string, NamedArray> {
  return { [name]: initialConvolution(random, window, input, output), ...initialNorm(norm, output) };
}

/** Embeddings [batch, embedding] (non-negative: the last block ends in a ReLU) of `images` [batch, height, width, 3]. */
export function resnet(architecture: ResNet, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  return resnetBy(architecture, images, ({ name, norm, stride }, x) =>
    normalise(pass, norm, convolve(x, weightNamed(pass.weights, name), stride)),
  );
}

/** How a convolution and its normalisation are computed. */
export type Normalised = (convolution: NormalisedConvolution, x: tf.Tensor4D) => tf.Tensor4D;

/** The network whose normalised convolutions are computed by `normalised`. */
export function resnetBy(architecture: ResNet, images: tf.Tensor4D, normalised: Normalised): tf.Tensor2D {
  const stem = relu(normalised(stemOf(architecture), images));
  let x = architecture.stem === "small" ? stem : maxPool(stem);
  for (const block of blocksOf(architecture)) x = residual(block, x, normalised);
  return globalAveragePool(x);
}

function residual(block: Block, x: tf.Tensor4D, normalised: Normalised): tf.Tensor4D {
  const shortcut = shortcutOf(block);
  let y = x;
  mainPathOf(block).forEach((convolution, index) => {
    y = normalised(convolution, index === 0 ? y : relu(y));
  });
  return relu(y.add(shortcut === null ? x : normalised(shortcut, x)));
}
