import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { areaAveraging } from "../images/resize";
import type { StoredImages } from "../splits/memory-split";

/** Images in memory, and for each the position of its file among those asked for. */
interface ReadImages {
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
      values.set(resize(file, await decodeColour(file, content, (2 * sourceSide) ** 2)), index * size);
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

/** A decoded image: height x width x 3 bytes, red, green, blue. */
interface ColourImage {
  readonly height: number;
  readonly width: number;
  readonly values: Uint8Array;
}

/** The colours of a JPEG or PNG of at most `pixels` pixels; a grey one gets three equal channels. Throws an error that names the file. */
async function decodeColour(name: string, content: Uint8Array, pixels: number): Promise<ColourImage> {
  const { data, info } = await sharp(content, { limitInputPixels: pixels, failOn: "warning" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new Error(`${name} is a broken image: ${cause instanceof Error ? cause.message : cause}`, { cause });
    });
  if (info.channels !== 3) throw new Error(`${name} has ${info.channels} channels instead of red, green and blue`);
  return { height: info.height, width: info.width, values: data };
}

/** Runs `action` for 0 to count - 1, in order, at most `limit` at once. The first error ends it: nothing further is started. */
export async function atMost(limit: number, count: number, action: (index: number) => Promise<void>): Promise<void> {
  if (!(Number.isInteger(limit) && limit >= 1))
    throw new RangeError(`${limit} at once: a whole number from 1 is allowed`);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      await action(index).catch((error: unknown) => {
        next = count;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, worker));
}

/** The images of one dataset that did not decode. They are left out of the split, with their labels. */
interface BrokenImages {
  /** Notes a broken image. Throws, naming it, once more than one in a thousand of all images are broken. */
  readonly report: (file: string, error: unknown) => void;
  /** One line that counts and names them, for the user; null where every image decoded. */
  readonly summary: () => string | null;
}

/** The broken images among `total`: a few are left out and named, more than one in a thousand stop the run. */
export function brokenImages(total: number): BrokenImages {
  if (!(Number.isInteger(total) && total >= 1))
    throw new RangeError(`${total} images: a whole number from 1 is allowed`);
  const broken: string[] = [];
  return {
    report: (file, error) => {
      broken.push(`${file} (${error instanceof Error ? error.message : String(error)})`);
      if (broken.length * 1000 > total) {
        throw new Error(
          `${broken.length} of ${total} images are broken, at most one in a thousand is allowed: ${named(broken)}`,
          { cause: error },
        );
      }
    },
    summary: () =>
      broken.length === 0 ? null : `${broken.length} of ${total} images are broken and left out: ${named(broken)}`,
  };
}

function named(broken: readonly string[]): string {
  const shown = broken.slice(0, 10).join(", ");
  return broken.length > 10 ? `${shown} and ${broken.length - 10} more` : shown;
}
