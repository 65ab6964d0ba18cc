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
