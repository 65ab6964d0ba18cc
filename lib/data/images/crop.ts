import type { Random } from "../../core/random";
import type { ImageShape } from "./affine";

/** Where a crop lies, from -padding to padding against the whole image, and whether it is mirrored. */
interface CropFlip {
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

/** The part of an image that a view shows, in whole pixels. */
interface CropBox {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

const tries = 10;
const numbersPerTry = 4;

/** The random numbers of one resized crop, in [0, 1): drawn before the image's size is known, always as many. */
export interface CropDraws {
  /** Area, aspect, top and left of every try. */
  readonly boxes: readonly number[];
  readonly mirrored: boolean;
}

export function cropDraws(random: Random): CropDraws {
  const mirrored = random.uniform() < 0.5;
  return { boxes: Array.from({ length: tries * numbersPerTry }, () => random.uniform()), mirrored };
}

/**
 * The box of a resized crop (Inception, arXiv 1409.4842): an area of minArea to 1 of the image's, aspect 3/4 to 4/3 uniform in its logarithm.
 * The first try that fits the image counts; without one it is the largest centred box of an allowed aspect.
 */
export function cropBox({ boxes }: CropDraws, minArea: number, height: number, width: number): CropBox {
  for (let first = 0; first < boxes.length; first += numbersPerTry) {
    const [area = 0, shape = 0, down = 0, across = 0] = boxes.slice(first, first + numbersPerTry);
    const pixels = (minArea + (1 - minArea) * area) * height * width;
    const aspect = (4 / 3) ** (2 * shape - 1);
    const box = { height: Math.round(Math.sqrt(pixels / aspect)), width: Math.round(Math.sqrt(pixels * aspect)) };
    if (box.height < 1 || box.width < 1 || box.height > height || box.width > width) continue;
    return {
      ...box,
      top: Math.floor(down * (height - box.height + 1)),
      left: Math.floor(across * (width - box.width + 1)),
    };
  }
  return centredBox(height, width);
}

function centredBox(height: number, width: number): CropBox {
  const box = {
    height: Math.min(height, Math.max(1, Math.round((width * 4) / 3))),
    width: Math.min(width, Math.max(1, Math.round((height * 4) / 3))),
  };
  return { ...box, top: Math.floor((height - box.height) / 2), left: Math.floor((width - box.width) / 2) };
}

/** The box of an image, stretched to the image's own size and perhaps mirrored, into `target`. Bilinear; the box's border pixels extend. */
export function resizedCrop(
  source: Uint8Array,
  [height, width, channels]: ImageShape,
  box: CropBox,
  mirrored: boolean,
  target: Float32Array,
): void {
  const down = positions(box.top, box.height, height);
  const across = positions(box.left, box.width, width);
  for (let y = 0; y < height; y++) {
    const { low: top, high: bottom, share: v } = at(down, y);
    for (let x = 0; x < width; x++) {
      const { low: left, high: right, share: u } = at(across, mirrored ? width - 1 - x : x);
      for (let c = 0; c < channels; c++) {
        const value = (row: number, column: number): number => source[(row * width + column) * channels + c] ?? 0;
        const upper = (1 - u) * value(top, left) + u * value(top, right);
        const lower = (1 - u) * value(bottom, left) + u * value(bottom, right);
        target[(y * width + x) * channels + c] = (1 - v) * upper + v * lower;
      }
    }
  }
}

/** Between which two source pixels a target pixel lies, and how far from the lower one to the higher. */
interface Between {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

function positions(start: number, extent: number, size: number): readonly Between[] {
  return Array.from({ length: size }, (_, i) => {
    const position = Math.min(extent - 1, Math.max(0, ((i + 0.5) * extent) / size - 0.5));
    const low = Math.floor(position);
    return { low: start + low, high: start + Math.min(extent - 1, low + 1), share: position - low };
  });
}

function at(positions: readonly Between[], index: number): Between {
  return positions[index] ?? { low: 0, high: 0, share: 0 };
}
