import type { NamedArray, NamedArrays } from "../core/named-arrays";
import type { Random } from "../core/random";
import { weightNamed } from "../tf/gradients";
import { relu } from "../tf/native";
import type { tf } from "../tf/tensorflow";
import { convolve, globalAveragePool, maxPool } from "./convolution";
import { initialConvolution, initialNorm } from "./initial";
import { normalise, type Pass } from "./pass";

/** ResNet of He et al. whose last block has `embedding` channels (FCT, section 5.1). */
export interface ResNet {
  readonly kind: "resnet";
  readonly depth: 18 | 34 | 50 | 101;
  readonly embedding: number;
  /** Channels of the first stage, 64 unless given. */
  readonly width?: number;
  /** Factor on the 3x3 convolutions of bottlenecks, 1 unless given; 2 makes a wide ResNet (arXiv 1605.07146). */
  readonly wide?: number;
  /** "small": a 3x3 convolution of stride 2 without max-pool, for small images. Otherwise ImageNet's: 7x7, stride 2, max-pool. */
  readonly stem?: "small";
}

interface Block {
  readonly name: string;
  readonly input: number;
  /** Channels of the 3x3 convolution. */
  readonly inner: number;
  readonly output: number;
  readonly stride: number;
  readonly bottleneck: boolean;
}

const defaultWidth = 64;
const stagesOf = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3] } as const;

/** The residual blocks in order; only the very last has `embedding` output channels, without expansion. */
function blocksOf({ depth, embedding, width = defaultWidth, wide = 1 }: ResNet): readonly Block[] {
  const bottleneck = depth >= 50;
  const stages = stagesOf[depth];
  let input = width;
  return stages.flatMap((count, stage) =>
    Array.from({ length: count }, (_, index) => {
      const last = stage === stages.length - 1 && index === count - 1;
      const channels = width * 2 ** stage;
      const output = last ? embedding : channels * (bottleneck ? 4 : 1);
      const block: Block = {
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

/** Random starting weights by name. */
export function initialResNet(architecture: ResNet, random: Random): NamedArrays {
  const { width = defaultWidth, stem } = architecture;
  return Object.assign(
    {
      "stem.convolution": initialConvolution(random, stem === "small" ? 3 : 7, 3, width),
      ...initialNorm("stem.norm", width),
    },
    ...blocksOf(architecture).map((block) => initialBlock(block, random)),
  );
}

function initialBlock(block: Block, random: Random): NamedArrays {
  const { name, input, output } = block;
  const shapes = convolutionsOf(block).map(([side, from, to], index): Record<string, NamedArray> => {
    const convolution = initialConvolution(random, side, from, to);
    return { [`${name}.convolution${index + 1}`]: convolution, ...initialNorm(`${name}.norm${index + 1}`, to) };
  });
  if (needsShortcut(block)) {
    const convolution = initialConvolution(random, 1, input, output);
    shapes.push({ [`${name}.shortcut.convolution`]: convolution, ...initialNorm(`${name}.shortcut.norm`, output) });
  }
  return Object.assign({}, ...shapes);
}

/** [side, input channels, output channels, stride] of a block's convolutions. */
function convolutionsOf({
  input,
  inner,
  output,
  stride,
  bottleneck,
}: Block): readonly [number, number, number, number][] {
  if (!bottleneck) {
    return [
      [3, input, inner, stride],
      [3, inner, output, 1],
    ];
  }
  return [
    [1, input, inner, 1],
    [3, inner, inner, stride],
    [1, inner, output, 1],
  ];
}

function needsShortcut({ input, output, stride }: Block): boolean {
  return stride !== 1 || input !== output;
}

/** Embeddings [batch, embedding] (non-negative: the last block ends in a ReLU) of `images` [batch, height, width, 3]. */
export function resnet(architecture: ResNet, pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  const stem = convolve(images, weightNamed(pass.weights, "stem.convolution"), 2);
  const active = relu(normalise(pass, "stem.norm", stem));
  let x = architecture.stem === "small" ? active : maxPool(active);
  for (const block of blocksOf(architecture)) x = residual(block, pass, x);
  return globalAveragePool(x);
}

function residual(block: Block, pass: Pass, x: tf.Tensor4D): tf.Tensor4D {
  const convolutions = convolutionsOf(block);
  let y = x;
  convolutions.forEach(([, , , stride], index) => {
    const filter = weightNamed<tf.Tensor4D>(pass.weights, `${block.name}.convolution${index + 1}`);
    const normal = normalise(pass, `${block.name}.norm${index + 1}`, convolve(y, filter, stride));
    y = index < convolutions.length - 1 ? relu(normal) : normal;
  });
  return relu(y.add(shortcut(block, pass, x)));
}

function shortcut(block: Block, pass: Pass, x: tf.Tensor4D): tf.Tensor4D {
  if (!needsShortcut(block)) return x;
  const filter = weightNamed<tf.Tensor4D>(pass.weights, `${block.name}.shortcut.convolution`);
  return normalise(pass, `${block.name}.shortcut.norm`, convolve(x, filter, block.stride));
}
