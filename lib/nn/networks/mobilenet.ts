import { positive, wholeNumber } from "../../core/check";
import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { relu, relu6 } from "../../tf/native";
import { tf } from "../../tf/tensorflow";
import { tensorNamed } from "../../tf/tensors";
import { convolve, convolveDepthwise, globalAveragePool } from "../convolution";
import { initialConvolution, initialDepthwise, initialNorm, type ValueSource } from "../initial";
import { normalise, type Pass } from "../pass";

/** Random starting weights by name. */
export function initialMobileNet(architecture: MobileNet, source: ValueSource): NamedArrays {
  const blocks = invertedResiduals(architecture);
  const { output: first } = stemOf(architecture);
  const last = blocks.at(-1)?.output ?? first;
  return Object.assign(
    initialPart("stem", initialConvolution(source, 3, 3, first), first),
    ...blocks.map((block) => initialBlock(block, source)),
    initialPart("head", initialConvolution(source, 1, last, architecture.embedding), architecture.embedding),
  );
}

function initialBlock({ name, input, inner, output }: InvertedResidual, source: ValueSource): NamedArrays {
  const expand =
    inner === input ? {} : initialPart(`${name}.expand`, initialConvolution(source, 1, input, inner), inner);
  return {
    ...expand,
    ...initialPart(`${name}.depthwise`, initialDepthwise(source, 3, inner), inner),
    ...initialPart(`${name}.project`, initialConvolution(source, 1, inner, output), output),
  };
}

/** A convolution and the normalisation of its `channels`. */
function initialPart(name: string, convolution: NamedArray, channels: number): Record<string, NamedArray> {
  return { [`${name}.convolution`]: convolution, ...initialNorm(`${name}.norm`, channels) };
}

/**
 * Embeddings [batch, embedding] of `images` [batch, height, width, 3]. They are not negative, like
 * a ResNet's: the last activation is a ReLU instead of the paper's ReLU6.
 */
export function mobilenet(architecture: MobileNet, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  let x = relu6(part(pass, "stem", images, stemOf(architecture).stride));
  for (const block of invertedResiduals(architecture)) x = invertedResidual(block, pass, x);
  return globalAveragePool(relu(part(pass, "head", x)));
}

/** One block, without activation at its end. It is added to its input if both have one shape. */
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
  /**
   * Multiplies the paper's channels, which are then rounded to multiples of 8; 1 is the paper's
   * network.
   */
  readonly width: number;
  readonly embedding: number;
  /**
   * "small": stride 1 in the stem and in the first stage that usually has stride 2, so that 32x32
   * images end as 4x4. Otherwise images end at 1/32 of their side.
   */
  readonly stem?: "small";
}

/** An inverted residual: 1x1 to `inner` channels, depthwise 3x3, linear 1x1 to `output`. */
export interface InvertedResidual {
  readonly name: string;
  readonly input: number;
  /** input times the expansion; if they are equal there is no first convolution. */
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
function stemOf({ width, stem }: MobileNet): { readonly output: number; readonly stride: number } {
  return { output: scaled(stemChannels, width), stride: stem === "small" ? 1 : 2 };
}

/**
 * The blocks in order. Throws RangeError for a width that is not positive, or an embedding that is
 * not a positive integer.
 */
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

/**
 * The nearest multiple of 8, at least 8; the next one if the nearest takes away more than a tenth
 * (as in the authors' code).
 */
function scaled(channels: number, width: number): number {
  const wanted = channels * width;
  const nearest = Math.max(8, 8 * Math.floor(wanted / 8 + 0.5));
  return nearest < 0.9 * wanted ? nearest + 8 : nearest;
}

function checkSizes({ width, embedding }: MobileNet): void {
  positive("a MobileNet's width", width);
  wholeNumber("a MobileNet's embedding", embedding, { least: 1 });
}
