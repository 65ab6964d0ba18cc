import type { Random } from "../core/random";

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
