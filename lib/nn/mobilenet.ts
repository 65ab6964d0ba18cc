import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { tensorNamed } from "../tf/gradients";
import { relu, relu6 } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { convolve, convolveDepthwise, globalAveragePool } from "./convolution";
import { initialConvolution, initialDepthwise, initialNorm } from "./initial";
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
  const filter = tensorNamed<tf.Tensor4D>(pass.weights, `${name}.depthwise.convolution`);
  const mixed = relu6(normalise(pass, `${name}.depthwise.norm`, convolveDepthwise(wide, filter, stride)));
  const y = part(pass, `${name}.project`, mixed);
  return stride === 1 && input === output ? tf.add(x, y) : y;
}

function part(pass: Pass, name: string, x: tf.Tensor4D, stride: number = 1): tf.Tensor4D {
  return normalise(pass, `${name}.norm`, convolve(x, tensorNamed(pass.weights, `${name}.convolution`), stride));
}

/** MobileNetV2 (arXiv 1801.04381) whose last convolution has `embedding` channels. */
export interface MobileNet {
  readonly kind: "mobilenet";
  /** Multiplies the paper's channels, which are then rounded to multiples of 8; 1 is the paper's network. */
  readonly width: number;
  readonly embedding: number;
  /** "small": stride 1 in the stem and in the first stage that has stride 2, so that 32x32 images end as 4x4. Otherwise 1/32 of the side. */
  readonly stem?: "small";
}

/** An inverted residual: 1x1 to `inner` channels, depthwise 3x3, linear 1x1 to `output`. */
export interface InvertedResidual {
  readonly name: string;
  readonly input: number;
  /** input times the expansion; there is no first convolution where they are equal. */
  readonly inner: number;
  readonly output: number;
  readonly stride: number;
}

/** Expansion, channels, blocks and first stride of each stage (table 2). */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

const stemChannels = 32;
const firstStrided = 1;

/** Output channels and stride of the 3x3 convolution before the blocks. */
export function mobileStemOf({ width, stem }: MobileNet): { readonly output: number; readonly stride: number } {
  return { output: scaled(stemChannels, width), stride: stem === "small" ? 1 : 2 };
}

/** The blocks in order. Throws RangeError on a width that is not positive or an embedding that is no positive integer. */
export function invertedResiduals(architecture: MobileNet): readonly InvertedResidual[] {
  checkSizes(architecture);
  const { width, stem } = architecture;
  let input = scaled(stemChannels, width);
  return stages.flatMap(([expansion, channels, count, stride], stage) =>
    Array.from({ length: count }, (_, index) => {
      const strided = index === 0 && !(stem === "small" && stage === firstStrided);
      const block: InvertedResidual = {
        name: `stages.${stage}.blocks.${index}`,
        input,
        inner: input * expansion,
        output: scaled(channels, width),
        stride: strided ? stride : 1,
      };
      input = block.output;
      return block;
    }),
  );
}

/** The nearest multiple of 8, at least 8; the next one where that would take away more than a tenth (as the authors' code does). */
function scaled(channels: number, width: number): number {
  const wanted = channels * width;
  const nearest = Math.max(8, 8 * Math.floor(wanted / 8 + 0.5));
  return nearest < 0.9 * wanted ? nearest + 8 : nearest;
}

function checkSizes({ width, embedding }: MobileNet): void {
  if (!(Number.isFinite(width) && width > 0))
    throw new RangeError(`a MobileNet's width is a positive number, got ${width}`);
  if (!(Number.isInteger(embedding) && embedding > 0))
    throw new RangeError(`a MobileNet's embedding is a positive integer, got ${embedding}`);
}
