import type { Random } from "../core/random";
import type { ImageShape } from "./affine";

/** Where a crop lies, from -padding to padding against the whole image, and whether it is mirrored. */
export interface CropFlip {
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
}

/** A random crop of the image padded by `padding` reflected pixels, mirrored half of the time. */
export function randomCropFlip(padding: number, random: Random): CropFlip {
  const top = random.integer(2 * padding + 1) - padding;
  const left = random.integer(2 * padding + 1) - padding;
  return { top, left, mirrored: random.uniform() < 0.5 };
}

/** The crop of the image's own size into `target`; beyond the border the image is reflected, the border pixel itself not repeated. */
export function cropFlip(
  source: Uint8Array,
  shape: ImageShape,
  { top, left, mirrored }: CropFlip,
  target: Float32Array,
): void {
  const [height, width, channels] = shape;
  for (let y = 0; y < height; y++) {
    const sourceRow = reflect(y + top, height) * width;
    for (let x = 0; x < width; x++) {
      const from = (sourceRow + reflect((mirrored ? width - 1 - x : x) + left, width)) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) target[to + c] = source[from + c] ?? 0;
    }
  }
}

function reflect(index: number, size: number): number {
  const positive = Math.abs(index);
  return positive < size ? positive : 2 * (size - 1) - positive;
}
