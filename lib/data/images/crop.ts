import type { Random } from "../../core/random";
import type { ImageShape } from "./affine";

/** How many pixels a crop is moved, from -padding to padding, and whether it is mirrored. */
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

/**
 * Writes the crop, which has the image's own size, into `target`. Beyond the border the image is
 * reflected; the border pixel itself is not repeated.
 */
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
      for (let c = 0; c < channels; c++) target[to + c] = source[from + c] as number;
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

/** The 41 random numbers of one resized crop, drawn before the image's size is known. */
export interface CropDraws {
  /** Area, aspect, top and left of every try, in [0, 1). */
  readonly boxes: readonly number[];
  readonly mirrored: boolean;
}

/** Draws what a resized crop needs, whatever the image. */
export function cropDraws(random: Random): CropDraws {
  const mirrored = random.uniform() < 0.5;
  return { boxes: Array.from({ length: tries * numbersPerTry }, () => random.uniform()), mirrored };
}

/**
 * The box of a resized crop (Inception, arXiv 1409.4842): an area of minArea to 1 of the image's
 * and an aspect of 3/4 to 4/3, uniform in its logarithm. The first try that fits the image counts;
 * if none does, it is the largest centred box with an allowed aspect.
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

/** A box of an image, perhaps mirrored, seen at height x width pixels. */
interface ResizedView {
  readonly box: CropBox;
  readonly mirrored: boolean;
  readonly height: number;
  readonly width: number;
}

/**
 * Writes the box of an image into `target`, stretched to the view's size and perhaps mirrored.
 * Bilinear between pixel centres (PyTorch's interpolate without align_corners); border pixels
 * extend.
 */
export function resizedCrop(
  source: ArrayLike<number>,
  shape: ImageShape,
  { box, mirrored, height, width }: ResizedView,
  target: Float32Array,
): void {
  const across = neighbours(box.width, width, mirrored);
  const down = neighbours(box.height, height, false);
  mixRows(mixedColumns(source, shape, box, across), width * shape[2], down, target);
}

/** The two source cells around the centre of each target cell, and the share of the second. */
interface Neighbours {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly share: Float64Array;
}

function neighbours(extent: number, size: number, mirrored: boolean): Neighbours {
  const first = new Int32Array(size);
  const second = new Int32Array(size);
  const share = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const position = Math.min(extent - 1, Math.max(0, ((i + 0.5) * extent) / size - 0.5));
    const at = mirrored ? size - 1 - i : i;
    first[at] = Math.floor(position);
    second[at] = Math.min(extent - 1, Math.floor(position) + 1);
    share[at] = position - Math.floor(position);
  }
  return { first, second, share };
}

/** The rows of the box at their new width. */
function mixedColumns(
  source: ArrayLike<number>,
  [, sourceWidth, channels]: ImageShape,
  box: CropBox,
  { first, second, share }: Neighbours,
): Float64Array {
  const width = first.length;
  const rows = new Float64Array(box.height * width * channels);
  for (let y = 0; y < box.height; y++) {
    const start = (box.top + y) * sourceWidth + box.left;
    for (let x = 0; x < width; x++) {
      const left = (start + (first[x] as number)) * channels;
      const right = (start + (second[x] as number)) * channels;
      const part = share[x] as number;
      const at = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) {
        rows[at + c] = (1 - part) * (source[left + c] as number) + part * (source[right + c] as number);
      }
    }
  }
  return rows;
}

/** `stride` is the length of a row in values. */
function mixRows(rows: Float64Array, stride: number, { first, second, share }: Neighbours, target: Float32Array): void {
  for (let y = 0; y < first.length; y++) {
    const upper = (first[y] as number) * stride;
    const lower = (second[y] as number) * stride;
    const part = share[y] as number;
    for (let x = 0; x < stride; x++) {
      target[y * stride + x] = (1 - part) * (rows[upper + x] as number) + part * (rows[lower + x] as number);
    }
  }
}
