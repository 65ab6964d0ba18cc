import { wholeNumber } from "../../core/check";
import type { Random } from "../../core/random";
import type { Augmentation } from "../images/augment";

/** One split of a dataset: labels in memory, images by index. */
export interface ImageSplit {
  /** [height, width, channels] of every loaded image. */
  readonly shape: readonly [number, number, number];
  readonly labels: Int32Array;
  readonly classNames: readonly string[];
  /** What the classes show, if their names do not say it. */
  readonly titles?: readonly string[];
  /**
   * The images at `indices`, NHWC, normalised to mean 0 and deviation 1 of each channel over the
   * training split. An augmentation varies image i by `random.fork(i)`, so that a view depends on
   * the image and the stream alone, not on the batch it is loaded in.
   */
  readonly load: (
    indices: Int32Array,
    view?: { readonly augmentation: Augmentation; readonly random: Random },
  ) => Promise<Float32Array>;
  /**
   * How many batches to ask for before they are needed, because other threads decode them; absent
   * if the images are in memory.
   */
  readonly ahead?: number;
  /** Gives the memory of a loaded batch back for a later one; the array is then empty. */
  readonly recycle?: (batch: Float32Array) => void;
  /** False if no figure may show an image, because they are of real people; else absent. */
  readonly shown?: false;
  /** Image `index` as it is: height x width x 3 bytes, red, green, blue. */
  readonly pixels: (index: number) => Promise<Uint8Array>;
}

/** How many images a dataset has. */
export interface SplitSizes {
  readonly train: number;
  readonly test: number;
}

export interface Dataset {
  readonly train: ImageSplit;
  readonly test: ImageSplit;
  /** The training images for validation, if the dataset says which; else they are drawn. */
  readonly heldOut?: Int32Array;
  /** Identifies the images if hashing every pixel is not the way: see contentHash. */
  readonly identity?: () => Promise<ContentHash>;
}

/**
 * What tells the images of a dataset from others under the same name, as SHA-256 of each split: of
 * all "pixels"; of a "file list", which is the paths and sizes of all files; or of the "recipe" by
 * which images are drawn.
 */
export type ContentHash = {
  readonly kind: "pixels" | "file list" | "recipe";
  readonly train: string;
  readonly test: string;
};

/**
 * The images of the given classes, in the split's order. Labels and class names stay: an old
 * classifier has outputs for all classes even if it is trained on half of them. Throws RangeError
 * if no class is given, a label is unknown or a class has no image.
 */
export function classSubset(split: ImageSplit, classes: Int32Array): ImageSplit {
  if (classes.length === 0) throw new RangeError("a class subset needs at least one class, got 0");
  const present = new Set(split.labels);
  for (const label of classes) {
    wholeNumber("class", label, { least: 0, most: split.classNames.length - 1 });
    if (!present.has(label)) {
      throw new RangeError(`class ${label} (${split.classNames[label]}) has no image in this split`);
    }
  }
  const kept = new Set(classes);
  const indices = Int32Array.from(split.labels.keys());
  return selectImages(
    split,
    indices.filter((index) => kept.has(split.labels[index] as number)),
  );
}

/**
 * The images at `indices`, in that order. For its augmentation an image keeps the index it has in
 * `split`, so that it is varied in the same way in both.
 */
export function selectImages(split: ImageSplit, indices: Int32Array): ImageSplit {
  for (const index of indices) checkIndex(index, split.labels.length);
  const original = (index: number): number => {
    checkIndex(index, indices.length);
    return indices[index] as number;
  };
  return {
    ...split,
    labels: indices.map((index) => split.labels[index] as number),
    load: async (chosen, view) => split.load(chosen.map(original), view),
    pixels: async (index) => split.pixels(original(index)),
  };
}

/** Throws RangeError if a split of `count` images has no image `index`. */
export function checkIndex(index: number, count: number): void {
  if (!(Number.isInteger(index) && index >= 0 && index < count)) {
    throw new RangeError(`image ${index} of a split of ${count} images`);
  }
}
