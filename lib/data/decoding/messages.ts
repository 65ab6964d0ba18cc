import type { Normalisation } from "../splits/memory-split";
import type { ImageView } from "./decode-image";

/** One image to decode. */
export interface DecodeTask {
  readonly path: string;
  readonly view: ImageView;
}

/** A batch to decode into one array, normalised: value j of image i is at i x valuesPerImage + j. */
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
  /** Takes the pixels of the image at a position in; throws RangeError where they are not as many as the batch's images have. */
  readonly fill: (position: number, pixels: Uint8Array) => void;
}

/** `spare` is memory of a batch that nobody reads any more, taken where it has the right size: fresh memory costs more than filling it. */
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
      if (pixels.length !== valuesPerImage)
        throw new RangeError(`${pixels.length} values instead of ${valuesPerImage}`);
      normaliseInto(values.subarray(position * valuesPerImage, (position + 1) * valuesPerImage), pixels, levels);
    },
  };
}

/** The normalised value of each byte: 256 for red, then for green and for blue. */
function levelsOf({ mean, deviation }: Normalisation): Float32Array {
  return Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const channel = Math.floor(i / 256);
    return ((i % 256) - (mean[channel] ?? 0)) / (deviation[channel] ?? 1);
  });
}

function normaliseInto(target: Float32Array, pixels: Uint8Array, levels: Float32Array): void {
  for (let i = 0; i < pixels.length; i += 3) {
    target[i] = levels[pixels[i] ?? 0] ?? 0;
    target[i + 1] = levels[256 + (pixels[i + 1] ?? 0)] ?? 0;
    target[i + 2] = levels[512 + (pixels[i + 2] ?? 0)] ?? 0;
  }
}

/** What a decoding process is asked for: an image, into a slot of the file that takes its pixels. */
export interface DecodeRequest extends DecodeTask {
  readonly slot: number;
}

/** What it says: once that it is ready, then of each request that its pixels are in place, its image is broken or its file cannot be read. */
export type DecodeReply =
  | { readonly kind: "ready" }
  | { readonly kind: "pixels"; readonly slot: number; readonly bytes: number }
  | { readonly kind: "broken"; readonly slot: number; readonly reason: string }
  | { readonly kind: "unreadable"; readonly slot: number; readonly reason: string };

/** The descriptor of that file in the decoding process. */
export const pixelsDescriptor = 4;

/** From slot to slot, more than any image takes; what lies between is never written, nor takes space. */
export const slotBytes: number = 2 ** 26;
