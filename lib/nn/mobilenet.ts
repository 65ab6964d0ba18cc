import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { weightNamed } from "../tf/gradients";
import { relu, relu6 } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { convolve, convolveDepthwise, globalAveragePool } from "./convolution";
import { initialConvolution, initialDepthwise, initialNorm } from "./initial";
import { type InvertedResidual, invertedResiduals, type MobileNet, mobileStemOf } from "./mobilenet-blocks";
import { normalise, type Pass } from "./pass";

/** Random starting weights by name. */
export function initialMobileNet(architecture: MobileNet, random: Random): NamedArrays {
  const blocks = invertedResiduals(architecture);
  const { output: first } = mobileStemOf(architecture);
  const last = blocks.at(-1)?.output ?? first;
  return Object.assign(
    initialPart("stem", initialConvolution(random, 3, 3, first), first),
    ...blocks.map((block) => initialBlock(block, random)),
    initialPart("head", initialConvolution(random, 1, last, architecture.embedding), architecture.embedding),
  );
}

function initialBlock({ name, input, inner, output }: InvertedResidual, random: Random): NamedArrays {
  const expand =
    inner === input ? {} : initialPart(`${name}.expand`, initialConvolution(random, 1, input, inner), inner);
  return {
    ...expand,
    ...initialPart(`${name}.depthwise`, initialDepthwise(random, 3, inner), inner),
    ...initialPart(`${name}.project`, initialConvolution(random, 1, inner, output), output),
  };
}

/** A convolution and the normalisation of its `channels`. */
function initialPart(name: string, convolution: NamedArray, channels: number): Record<string, NamedArray> {
  return { [`${name}.convolution`]: convolution, ...initialNorm(`${name}.norm`, channels) };
}

/**
 * Embeddings [batch, embedding] of `images` [batch, height, width, 3]. Non-negative, as a ResNet's: the last activation is a
 * ReLU, where the paper's is a ReLU6.
 */
export function mobilenet(architecture: MobileNet, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  let x = relu6(part(pass, "stem", images, mobileStemOf(architecture).stride));
  for (const block of invertedResiduals(architecture)) x = invertedResidual(block, pass, x);
  return globalAveragePool(relu(part(pass, "head", x)));
}

/** One block: without activation at its end, and added to its input where both have one shape. */
export function invertedResidual(block: InvertedResidual, pass: Pass, x: tf.Tensor4D): tf.Tensor4D {
  const { name, input, inner, output, stride } = block;
  const wide = inner === input ? x : relu6(part(pass, `${name}.expand`, x));
  const filter = weightNamed<tf.Tensor4D>(pass.weights, `${name}.depthwise.convolution`);
  const mixed = relu6(normalise(pass, `${name}.depthwise.norm`, convolveDepthwise(wide, filter, stride)));
  const y = part(pass, `${name}.project`, mixed);
  return stride === 1 && input === output ? tf.add(x, y) : y;
}

function part(pass: Pass, name: string, x: tf.Tensor4D, stride: number = 1): tf.Tensor4D {
  return normalise(pass, `${name}.norm`, convolve(x, weightNamed(pass.weights, `${name}.convolution`), stride));
}
