import type { Random } from "../../core/random";

/** How a training image is varied. Angles in radians, shear as a factor, scale and shift as shares of the side. */
export type Augmentation =
  | {
      readonly kind: "affine";
      readonly rotation: number;
      readonly scale: number;
      readonly shear: number;
      readonly shift: number;
    }
  | { readonly kind: "crop-flip"; readonly padding: number }
  | { readonly kind: "flip" }
  /** A crop of minArea to 1 of the image's area and aspect 3/4 to 4/3, resized to the whole, mirrored half of the time. */
  | { readonly kind: "resized-crop"; readonly minArea: number };

/** One split of a dataset: labels in memory, images by index. */
export interface ImageSplit {
  /** [height, width, channels] of every loaded image. */
  readonly shape: readonly [number, number, number];
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  /**
   * The images at `indices`, normalised (mean 0, deviation 1 over the training split, per channel), NHWC. With an augmentation, image i is varied by
   * `random.fork(i)`: a view depends on the image and the stream alone, not on the batch it is loaded in.
   */
  readonly load: (
    indices: Int32Array,
    view?: { readonly augmentation: Augmentation; readonly random: Random },
  ) => Promise<Float32Array>;
  /** How many batches are better asked for before they are needed, since others than this thread decode them; absent where images are in memory. */
  readonly ahead?: number;
  /** Gives a loaded batch back so that a later one takes its memory; whoever still holds it finds it empty. */
  readonly recycle?: (batch: Float32Array) => void;
  /** Image `index` as it is to be looked at: height x width x 3 bytes, red, green, blue. */
  readonly pixels: (index: number) => Promise<Uint8Array>;
}

export interface Dataset {
  readonly train: ImageSplit;
  readonly test: ImageSplit;
}

/**
 * The images of the given classes, in their order. Labels and class names stay: an old classifier has outputs for all classes though it sees half.
 * Throws RangeError where no class is given, a label is unknown or a class has no image.
 */
export function classSubset(split: ImageSplit, classes: Int32Array): ImageSplit {
  if (classes.length === 0) throw new RangeError("a class subset needs at least one class, got 0");
  const present = new Set(split.labels);
  for (const label of classes) {
    const name = split.classNames[label];
    if (name === undefined) throw new RangeError(`class ${label}: 0 to ${split.classNames.length - 1} are allowed`);
    if (!present.has(label)) throw new RangeError(`class ${label} (${name}) has no image in this split`);
  }
  const kept = new Set(classes);
  const indices = Int32Array.from(split.labels.keys());
  return selectImages(
    split,
    indices.filter((index) => kept.has(split.labels[index] ?? -1)),
  );
}

/** The images at `indices`, in that order. An image keeps the index it has in `split` for its augmentation: it is varied there as here. */
export function selectImages(split: ImageSplit, indices: Int32Array): ImageSplit {
  for (const index of indices) checkIndex(index, split.labels.length);
  const original = (index: number): number => {
    checkIndex(index, indices.length);
    return indices[index] ?? 0;
  };
  return {
    ...split,
    labels: indices.map((index) => split.labels[index] ?? 0),
    load: async (chosen, view) => split.load(chosen.map(original), view),
    pixels: async (index) => split.pixels(original(index)),
  };
}

function checkIndex(index: number, count: number): void {
  if (!(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new RangeError(`image ${index} of a split of ${count} images`);
  }
}

/** New names of the classes, and for every class of the split the new class it belongs to. */
export interface Relabelling {
  readonly classNames: readonly string[];
  readonly classOf: Int32Array;
}

/** The same images under other classes, for example colour x shape under colours. Throws RangeError where the map does not fit the split. */
export function relabel(split: ImageSplit, { classNames, classOf }: Relabelling): ImageSplit {
  if (classOf.length !== split.classNames.length) {
    throw new RangeError(`a map of ${classOf.length} classes for a split of ${split.classNames.length} classes`);
  }
  for (const label of classOf) {
    if (!(label >= 0 && label < classNames.length)) {
      throw new RangeError(`new class ${label}: 0 to ${classNames.length - 1} are allowed`);
    }
  }
  return { ...split, classNames, labels: split.labels.map((label) => classOf[label] ?? -1) };
}
