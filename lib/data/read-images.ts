import { readFile } from "node:fs/promises";
import { areaAveraging } from "./area-averaging";
import { atMost } from "./at-most";
import type { BrokenImages } from "./broken-images";
import { type ColourImage, decodeColour } from "./decode-colour";
import type { StoredImages } from "./memory-split";

/** Images in memory, and for each the position of its file among those asked for. */
export interface ReadImages {
  readonly images: StoredImages;
  readonly kept: Int32Array;
}

const atOnce = 32;

/**
 * The colours of image files, side x side. A file of sourceSide x sourceSide pixels is area-averaged; one that does not decode or has another
 * size is broken: it is reported, and left out.
 */
export async function readImages(
  files: readonly string[],
  { side, sourceSide, broken }: { readonly side: number; readonly sourceSide: number; readonly broken: BrokenImages },
): Promise<ReadImages> {
  const size = side * side * 3;
  const values = new Uint8Array(files.length * size);
  const resize = resizing(side, sourceSide);
  const decoded = new Uint8Array(files.length);
  await atMost(atOnce, files.length, async (index) => {
    const file = files[index] ?? "";
    try {
      const content = await readFile(file);
      values.set(resize(file, await decodeColour(file, content, sourceSide ** 2)), index * size);
      decoded[index] = 1;
    } catch (error) {
      broken.report(file, error);
    }
  });
  const kept = Int32Array.from(files.keys()).filter((index) => decoded[index] === 1);
  return { images: { height: side, width: side, channels: 3, values: compact(values, kept, size) }, kept };
}

function resizing(side: number, sourceSide: number): (file: string, image: ColourImage) => ArrayLike<number> {
  const average = areaAveraging(sourceSide, sourceSide, side, 3);
  return (file, { height, width, values }) => {
    if (height === side && width === side) return values;
    if (height === sourceSide && width === sourceSide) return average(values).map(Math.round);
    const allowed = [...new Set([side, sourceSide])].map((pixels) => `${pixels} x ${pixels}`).join(" or ");
    throw new Error(`${file} is ${height} x ${width}: ${allowed} is allowed`);
  };
}

/** Moves the kept images to the front. */
function compact(values: Uint8Array, kept: Int32Array, size: number): Uint8Array {
  kept.forEach((from, to) => {
    if (from !== to) values.copyWithin(to * size, from * size, (from + 1) * size);
  });
  return values.subarray(0, kept.length * size);
}
