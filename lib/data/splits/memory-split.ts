import type { Random } from "../../core/random";
import type { ImageShape } from "../images/affine";
import { augment, checkAugmentation } from "../images/augment";
import { bilinear } from "../images/resize";
import type { Augmentation, ImageSplit } from "./dataset";

/** Decoded images in memory, one byte a value. One channel is a grey image: it is loaded as three equal ones. */
export interface StoredImages {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly values: Uint8Array;
}

/** Mean and standard deviation of each stored channel over the training split, in byte values. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** A split whose images are in memory. */
export function memorySplit(
  images: StoredImages,
  labels: Int32Array,
  classNames: readonly string[],
  normalisation: Normalisation,
): ImageSplit {
  if (images.values.length !== labels.length * images.height * images.width * images.channels) {
    throw new RangeError(
      `${labels.length} labels for ${images.values.length} image values of ${shapeOf(images).join(" x ")} an image`,
    );
  }
  const source = { ...images, image: (index: number) => imageAt(images, index) };
  return bytesSplit(source, labels, classNames, normalisation);
}

/** Images of one size, each there at once when it is asked for: stored, or drawn then. */
interface ImageBytes {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Image `index`, height x width x channels bytes; throws RangeError where there is none. */
  readonly image: (index: number) => Uint8Array;
}

/** A split of images that are there at once. */
export function bytesSplit(
  source: ImageBytes,
  labels: Int32Array,
  classNames: readonly string[],
  normalisation: Normalisation,
): ImageSplit {
  return {
    shape: [source.height, source.width, 3],
    labels,
    classNames,
    load: async (indices, view) => loadImages(source, indices, normalisation, view),
    pixels: async (index) => threeChannels(source.image(index), source.channels),
  };
}

/** Mean and deviation of every channel over all pixels of the images. A constant channel gets deviation 1. */
export function normalisationOf({ channels, values }: StoredImages): Normalisation {
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    sums[i % channels] = (sums[i % channels] ?? 0) + value;
    squares[i % channels] = (squares[i % channels] ?? 0) + value * value;
  }
  const count = values.length / channels;
  const mean = Array.from(sums, (sum) => sum / count);
  const variance = Array.from(squares, (square, channel) => square / count - (mean[channel] ?? 0) ** 2);
  return { mean, deviation: variance.map((value) => (value > 0 ? Math.sqrt(value) : 1)) };
}

function loadImages(
  images: ImageBytes,
  indices: Int32Array,
  normalisation: Normalisation,
  view?: { readonly augmentation: Augmentation; readonly random: Random },
): Float32Array {
  const shape = shapeOf(images);
  if (view) checkAugmentation(view.augmentation, shape);
  const size = images.height * images.width * 3;
  const loaded = new Float32Array(indices.length * size);
  const varied = new Float32Array(images.height * images.width * images.channels);
  indices.forEach((index, position) => {
    const source = images.image(index);
    if (view) augment(source, shape, view.augmentation, view.random.fork(index), varied);
    const target = loaded.subarray(position * size, (position + 1) * size);
    normalise(view ? varied : source, images.channels, normalisation, target);
  });
  return loaded;
}

function normalise(
  source: Uint8Array | Float32Array,
  channels: 1 | 3,
  { mean, deviation }: Normalisation,
  target: Float32Array,
): void {
  for (let c = 0; c < 3; c++) {
    const stored = channels === 1 ? 0 : c;
    const shift = mean[stored] ?? 0;
    const factor = 1 / (deviation[stored] ?? 1);
    for (let from = stored, to = c; to < target.length; from += channels, to += 3) {
      target[to] = ((source[from] ?? 0) - shift) * factor;
    }
  }
}

function imageAt(images: StoredImages, index: number): Uint8Array {
  const size = images.height * images.width * images.channels;
  const count = images.values.length / size;
  if (!(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new RangeError(`image ${index} of a split of ${count} images`);
  }
  return images.values.subarray(index * size, (index + 1) * size);
}

function threeChannels(image: Uint8Array, channels: 1 | 3): Uint8Array {
  if (channels === 3) return image.slice();
  const grey = new Uint8Array(image.length * 3);
  for (let i = 0; i < grey.length; i++) grey[i] = image[Math.floor(i / 3)] ?? 0;
  return grey;
}

function shapeOf({ height, width, channels }: Pick<StoredImages, "height" | "width" | "channels">): ImageShape {
  return [height, width, channels];
}

/**
 * The same images enlarged to side x side when they are loaded, not before. An augmentation sees the stored image: its pixels are those of the
 * smaller one. A split of that side already is returned as it is.
 */
export function resizedSplit(split: ImageSplit, side: number): ImageSplit {
  const [height, width] = split.shape;
  if (height === side && width === side) return split;
  const enlarge = bilinear(height, width, 3, side);
  const size = side * side * 3;
  return {
    ...split,
    shape: [side, side, 3],
    load: async (indices, view) => {
      const small = await split.load(indices, view);
      const large = new Float32Array(indices.length * size);
      const source = height * width * 3;
      for (let i = 0; i < indices.length; i++) {
        enlarge(small.subarray(i * source, (i + 1) * source), large.subarray(i * size, (i + 1) * size));
      }
      return large;
    },
    pixels: async (index) => {
      const large = new Float32Array(size);
      enlarge(await split.pixels(index), large);
      return Uint8Array.from(large, Math.round);
    },
  };
}
