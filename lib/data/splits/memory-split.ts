import { wholeNumber } from "../../core/check";
import { sha256 } from "../../core/hash";
import type { Random } from "../../core/random";
import { type Augmentation, augment, checkAugmentation } from "../images/augment";
import { resizedCrop } from "../images/crop";
import type { Normalisation } from "../images/normalisation";
import { checkIndex, type ImageSplit } from "./dataset";

/** Decoded images in memory, one byte a value. A grey image is loaded as three equal channels. */
export interface StoredImages {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly values: Uint8Array;
}

/** Images in memory and the class of each. */
export interface LabelledImages {
  readonly images: StoredImages;
  readonly labels: Int32Array;
}

/**
 * The same images class by class, those of a class by the SHA-256 of their pixels: an order that
 * depends on the images alone, so that every archive of a dataset gives the same batches.
 */
export function inCanonicalOrder({ images, labels }: LabelledImages): LabelledImages {
  const size = images.height * images.width * images.channels;
  const imageAt = (index: number): Uint8Array => images.values.subarray(index * size, (index + 1) * size);
  const digests = Array.from(labels, (_, index) => sha256(imageAt(index)));
  const order = Int32Array.from(labels.keys()).sort((a, b) => {
    const apart = (labels[a] as number) - (labels[b] as number);
    return apart === 0 ? textOrder(digests[a] as string, digests[b] as string) : apart;
  });
  const values = new Uint8Array(images.values.length);
  order.forEach((from, to) => void values.set(imageAt(from), to * size));
  return { images: { ...images, values }, labels: order.map((index) => labels[index] as number) };
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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

/** Images of one size, stored or drawn when they are asked for. */
interface ImageBytes {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Image `index`, height x width x channels bytes; throws RangeError if there is none. */
  readonly image: (index: number) => Uint8Array;
}

/** A split of images that are stored or drawn when they are asked for. */
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
    const shift = mean[stored] as number;
    const factor = 1 / (deviation[stored] as number);
    for (let from = stored, to = c; to < target.length; from += channels, to += 3) {
      target[to] = ((source[from] as number) - shift) * factor;
    }
  }
}

function imageAt(images: StoredImages, index: number): Uint8Array {
  const size = images.height * images.width * images.channels;
  checkIndex(index, images.values.length / size);
  return images.values.subarray(index * size, (index + 1) * size);
}

function threeChannels(image: Uint8Array, channels: 1 | 3): Uint8Array {
  if (channels === 3) return new Uint8Array(image);
  const grey = new Uint8Array(image.length * 3);
  for (let i = 0; i < grey.length; i++) grey[i] = image[Math.floor(i / 3)] as number;
  return grey;
}

function shapeOf({
  height,
  width,
  channels,
}: Pick<StoredImages, "height" | "width" | "channels">): ImageSplit["shape"] {
  return [height, width, channels];
}

/**
 * The same images enlarged to side x side when they are loaded. An augmentation sees the stored
 * image: its pixels are those of the smaller one. A split that has this side already is returned as
 * it is. Throws RangeError on a smaller side, at which sampling would alias.
 */
export function resizedSplit(split: ImageSplit, side: number): ImageSplit {
  const [height, width] = split.shape;
  if (height === side && width === side) return split;
  wholeNumber("side of enlarged images", side, { least: Math.max(height, width) });
  const view = { box: { top: 0, left: 0, height, width }, mirrored: false, height: side, width: side };
  const size = side * side * 3;
  const enlarge = (image: ArrayLike<number>, target: Float32Array): void =>
    resizedCrop(image, split.shape, view, target);
  return {
    ...split,
    shape: [side, side, 3],
    load: async (indices, augmented) => {
      const small = await split.load(indices, augmented);
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
