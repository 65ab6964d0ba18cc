import { oneOf, unexpected, wholeNumber } from "../../core/check";
import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { relu } from "../../tf/native";
import type { tf } from "../../tf/tensorflow";
import { tensorNamed } from "../../tf/tensors";
import { convolve, globalAveragePool, maxPool } from "../convolution";
import { initialConvolution, initialNorm, type ValueSource } from "../initial";
import { normalise, type Pass } from "../pass";

/** Random starting weights by name. */
export function initialResNet(architecture: ResNet, source: ValueSource): NamedArrays {
  return Object.assign({}, ...convolutionsOf(architecture).map((each) => initialNormalised(each, source)));
}

function initialNormalised(
  { name, norm, window, input, output }: NormalisedConvolution,
  source: ValueSource,
): Record<string, NamedArray> {
  return { [name]: initialConvolution(source, window, input, output), ...initialNorm(norm, output) };
}

/**
 * Embeddings [batch, embedding] of `images` [batch, height, width, 3]. They are not negative: the
 * last block ends in a ReLU.
 */
export function resnet(architecture: ResNet, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  return resnetBy(architecture, images, ({ name, norm, stride }, x) =>
    normalise(pass, norm, convolve(x, tensorNamed(pass.weights, name), stride)),
  );
}

/** How a convolution and its normalisation are computed. */
type Normalised = (convolution: NormalisedConvolution, x: tf.Tensor4D) => tf.Tensor4D;

/** The network whose normalised convolutions are computed by `normalised`. */
export function resnetBy(architecture: ResNet, images: tf.Tensor4D, normalised: Normalised): tf.Tensor2D {
  const stem = relu(normalised(stemOf(architecture), images));
  let x = architecture.stem === "small" ? stem : maxPool(stem);
  for (const block of blocksOf(architecture)) x = residual(block, x, normalised);
  return globalAveragePool(x);
}

function residual(block: ResidualBlock, x: tf.Tensor4D, normalised: Normalised): tf.Tensor4D {
  const shortcut = shortcutOf(block);
  let y = x;
  mainPathOf(block).forEach((convolution, index) => {
    y = normalised(convolution, index === 0 ? y : relu(y));
  });
  return relu(y.add(shortcut === null ? x : normalised(shortcut, x)));
}

/** ResNet of He et al. whose last block has `embedding` channels (FCT, official code). */
export interface ResNet {
  readonly kind: "resnet";
  readonly depth: 18 | 34 | 50 | 101;
  readonly embedding: number;
  /** Channels of the first stage, 64 unless given. */
  readonly width?: number;
  /**
   * Factor on the 3x3 convolutions of bottlenecks, 1 unless given; 2 makes a wide ResNet (arXiv
   * 1605.07146).
   */
  readonly wide?: number;
  /**
   * "small": a 3x3 convolution of stride 2 without max-pool, for small images. Otherwise
   * ImageNet's: 7x7, stride 2, max-pool.
   */
  readonly stem?: "small";
}

/**
 * A residual block: the bottleneck of three convolutions (1x1, 3x3, 1x1), or two 3x3 convolutions.
 */
interface ResidualBlock {
  readonly name: string;
  readonly input: number;
  /** Channels of the 3x3 convolution. */
  readonly inner: number;
  readonly output: number;
  readonly stride: number;
  readonly bottleneck: boolean;
}

/**
 * A convolution that a normalisation follows: their names, the window's side, channels and stride.
 */
export interface NormalisedConvolution {
  readonly name: string;
  readonly norm: string;
  readonly window: number;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
}

const defaultWidth = 64;
const stagesOf = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3] } as const;

/** The convolution before the blocks. */
function stemOf({ width = defaultWidth, stem }: ResNet): NormalisedConvolution {
  const window = stem === "small" ? 3 : 7;
  return { name: "stem.convolution", norm: "stem.norm", window, input: 3, output: width, stride: 2 };
}

/**
 * The residual blocks in order; only the very last has `embedding` output channels, without
 * expansion. Throws RangeError for sizes that are not positive integers, and for `wide` without
 * bottlenecks.
 */
function blocksOf(architecture: ResNet): readonly ResidualBlock[] {
  checkSizes(architecture);
  const { depth, embedding, width = defaultWidth, wide = 1 } = architecture;
  const bottleneck = depth >= 50;
  const stages = stagesOf[depth];
  let input = width;
  return stages.flatMap((count, stage) =>
    Array.from({ length: count }, (_, index) => {
      const last = stage === stages.length - 1 && index === count - 1;
      const channels = width * 2 ** stage;
      const output = last ? embedding : channels * (bottleneck ? 4 : 1);
      const block: ResidualBlock = {
        name: `stages.${stage}.blocks.${index}`,
        input,
        inner: bottleneck ? channels * wide : output,
        output,
        stride: stage > 0 && index === 0 ? 2 : 1,
        bottleneck,
      };
      input = output;
      return block;
    }),
  );
}

/** The convolutions on a block's main path; the first 3x3 has the block's stride. */
function mainPathOf({
  name,
  input,
  inner,
  output,
  stride,
  bottleneck,
}: ResidualBlock): readonly NormalisedConvolution[] {
  const named = (index: number) => ({ name: `${name}.convolution${index}`, norm: `${name}.norm${index}` });
  if (!bottleneck) {
    return [
      { ...named(1), window: 3, input, output: inner, stride },
      { ...named(2), window: 3, input: inner, output, stride: 1 },
    ];
  }
  return [
    { ...named(1), window: 1, input, output: inner, stride: 1 },
    { ...named(2), window: 3, input: inner, output: inner, stride },
    { ...named(3), window: 1, input: inner, output, stride: 1 },
  ];
}

/** The 1x1 convolution that a block's input needs before it can be added; null if it needs none. */
function shortcutOf({ name, input, output, stride }: ResidualBlock): NormalisedConvolution | null {
  if (stride === 1 && input === output) return null;
  return { name: `${name}.shortcut.convolution`, norm: `${name}.shortcut.norm`, window: 1, input, output, stride };
}

/**
 * All convolutions, in the order in which their weights are drawn. Throws RangeError for wrong
 * sizes.
 */
export function convolutionsOf(architecture: ResNet): readonly NormalisedConvolution[] {
  const inBlocks = blocksOf(architecture).flatMap((block) => {
    const shortcut = shortcutOf(block);
    return shortcut === null ? mainPathOf(block) : [...mainPathOf(block), shortcut];
  });
  return [stemOf(architecture), ...inBlocks];
}

/** Multiply-adds for one image of `side` x `side`, from the declaration alone. */
export function resnetMultiplications(architecture: ResNet, side: number): number {
  let at = side;
  return convolutionsOf(architecture).reduce((sum, { window, input, output, stride, name }, index) => {
    // A shortcut ends where its block does.
    if (stride === 2 && !name.includes(".shortcut.")) at = Math.ceil(at / 2);
    const work = window ** 2 * input * output * at ** 2;
    if (index === 0 && architecture.stem !== "small") at = Math.ceil(at / 2);
    return sum + work;
  }, 0);
}

function checkSizes({ depth, embedding, width = defaultWidth, wide = 1 }: ResNet): void {
  oneOf("a ResNet's depth", depth, Object.keys(stagesOf).map(Number));
  for (const [name, size] of Object.entries({ embedding, width, wide })) {
    wholeNumber(`a ResNet's ${name}`, size, { least: 1 });
  }
  if (wide !== 1 && depth < 50) throw unexpected(`wide of a ResNet-${depth}, which has no bottlenecks`, "1", wide);
}
