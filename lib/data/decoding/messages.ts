import { unexpected } from "../../core/check";
import type { ColourDraws } from "../images/colour";
import type { CropDraws } from "../images/crop";
import type { Normalisation } from "../images/normalisation";

/** How a file becomes an image of side x side: by the test view, perhaps mirrored, or a crop. */
export type ImageView =
  | { readonly kind: "centre"; readonly side: number; readonly mirrored: boolean }
  | {
      readonly kind: "resized-crop";
      readonly side: number;
      readonly minArea: number;
      readonly draws: CropDraws;
      /** If the colours of the crop are changed. */
      readonly colours?: ColourDraws;
    };

/** One image to decode. */
export interface DecodeTask {
  readonly path: string;
  readonly view: ImageView;
}

/** A batch to decode and normalise: value j of image i goes to i x valuesPerImage + j. */
export interface DecodeOrder {
  readonly id: number;
  readonly tasks: readonly DecodeTask[];
  readonly valuesPerImage: number;
  readonly normalisation: Normalisation;
}

/** An image of a batch that is broken; its values in the array mean nothing. */
export interface BrokenAt {
  readonly position: number;
  readonly reason: string;
}

/** A batch while its images come in, in any order. */
export interface DecodeBatch {
  readonly id: number;
  readonly values: Float32Array;
  readonly broken: BrokenAt[];
  /** Takes in the pixels of the image at a position; throws RangeError on another image size. */
  readonly fill: (position: number, pixels: Uint8Array) => void;
}

/**
 * `spare` is memory of batches that nobody reads any more. It is taken if it has the right size:
 * fresh memory costs more than filling it.
 */
export function decodeBatch(
  { id, tasks, valuesPerImage, normalisation }: DecodeOrder,
  spare: Float32Array[] = [],
): DecodeBatch {
  const length = tasks.length * valuesPerImage;
  const fitting = spare.findIndex((values) => values.length === length);
  const values = fitting < 0 ? new Float32Array(length) : (spare.splice(fitting, 1)[0] ?? new Float32Array(length));
  const levels = levelsOf(normalisation);
  return {
    id,
    values,
    broken: [],
    fill: (position, pixels) => {
      if (pixels.length !== valuesPerImage) {
        throw unexpected("values of a decoded image", String(valuesPerImage), pixels.length);
      }
      normaliseInto(values.subarray(position * valuesPerImage, (position + 1) * valuesPerImage), pixels, levels);
    },
  };
}

/** The normalised value of each byte: 256 for red, then for green and for blue. */
function levelsOf({ mean, deviation }: Normalisation): Float32Array {
  return Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const channel = Math.floor(i / 256);
    return ((i % 256) - (mean[channel] as number)) / (deviation[channel] as number);
  });
}

function normaliseInto(target: Float32Array, pixels: Uint8Array, levels: Float32Array): void {
  for (let i = 0; i < pixels.length; i += 3) {
    target[i] = levels[pixels[i] as number] as number;
    target[i + 1] = levels[256 + (pixels[i + 1] as number)] as number;
    target[i + 2] = levels[512 + (pixels[i + 2] as number)] as number;
  }
}

/** What a decoding process is asked for: an image, into a slot of the file for pixels. */
export interface DecodeRequest extends DecodeTask {
  readonly slot: number;
}

/**
 * What it answers: once that it is ready, then for each request that the pixels are in place, the
 * image is broken or the file cannot be read.
 */
export type DecodeReply =
  | { readonly kind: "ready" }
  | { readonly kind: "pixels"; readonly slot: number; readonly bytes: number }
  | { readonly kind: "broken"; readonly slot: number; readonly reason: string }
  | { readonly kind: "unreadable"; readonly slot: number; readonly reason: string };

/** The descriptor of that file in the decoding process. */
export const pixelsDescriptor = 4;

/** Bytes of a slot, more than any image takes; what is never written takes no space. */
export const slotBytes: number = 2 ** 26;
