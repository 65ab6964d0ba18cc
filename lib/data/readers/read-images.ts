import { wholeNumber } from "../../core/check";
import { readRegularFile } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { loadAhead } from "../../core/load-ahead";
import { imageIn } from "../decoding/image-content";
import { areaAveraging } from "../images/resize";
import type { StoredImages } from "../splits/memory-split";

/** Images in memory, and for each the position of its file among those asked for. */
interface ReadImages {
  readonly images: StoredImages;
  readonly kept: Int32Array;
}

const atOnce = 32;
// More than any image of a few thousand pixels takes.
const mostBytes = 2 ** 24;

/** A file that is read when its turn comes. */
interface ImageSource {
  readonly name: string;
  readonly content: () => Promise<Buffer>;
}

interface ReadingOptions {
  readonly side: number;
  readonly sourceSide: number;
  readonly broken: Pick<BrokenImages, "report">;
}

/**
 * The colours of image files, side x side. A file of sourceSide x sourceSide pixels is
 * area-averaged. A broken file, which does not decode or has another size, is reported and left
 * out.
 */
export function readImages(files: readonly string[], options: ReadingOptions): Promise<ReadImages> {
  const sources = files.map((name) => ({ name, content: () => readRegularFile(name, { most: mostBytes }) }));
  return decodeSources(sources, options);
}

/** The same of files that lie anywhere, such as in an archive. */
export async function decodeSources(
  sources: readonly ImageSource[],
  { side, sourceSide, broken }: ReadingOptions,
): Promise<ReadImages> {
  const size = side * side * 3;
  const values = new Uint8Array(sources.length * size);
  const resize = resizing(side, sourceSide);
  const read = async ([index, { name, content }]: readonly [number, ImageSource]): Promise<number | null> => {
    try {
      values.set(resize(name, await decodeColour(name, await content(), (2 * sourceSide) ** 2)), index * size);
      return index;
    } catch (error) {
      broken.report(name, error);
      return null;
    }
  };
  const kept: number[] = [];
  for await (const index of loadAhead(sources.entries(), read, atOnce - 1)) if (index !== null) kept.push(index);
  const whole = Int32Array.from(kept);
  return { images: { height: side, width: side, channels: 3, values: compact(values, whole, size) }, kept: whole };
}

function resizing(side: number, sourceSide: number): (file: string, image: ColourImage) => ArrayLike<number> {
  const average = areaAveraging(sourceSide, sourceSide, side, 3);
  return (file, { height, width, values }) => {
    if (height === side && width === side) return values;
    if (height === sourceSide && width === sourceSide) return average(values).map(Math.round);
    const allowed = [...new Set([side, sourceSide])].map((pixels) => `${pixels} x ${pixels}`).join(" or ");
    throw new InputError({ file, fault: `is ${height} x ${width}: ${allowed} is allowed` });
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

/**
 * The colours of a JPEG or PNG of at most `pixels` pixels; a grey one gets three equal channels.
 * Throws InputError.
 */
async function decodeColour(name: string, content: Buffer, pixels: number): Promise<ColourImage> {
  try {
    const image = await imageIn(content, { limitInputPixels: pixels, failOn: "warning" });
    const { data, info } = await image.toColourspace("srgb").removeAlpha().raw().toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels instead of red, green and blue`);
    return { height: info.height, width: info.width, values: data };
  } catch (cause) {
    throw brokenImage(name, cause);
  }
}

/** The InputError of an image that does not decode. */
export function brokenImage(name: string, cause: unknown): InputError {
  const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1);
  return new InputError({ file: name, fault: `is a broken image: ${reason}`, cause });
}

/** A dataset's images that did not decode. They are left out of the split, with their labels. */
interface BrokenImages {
  /** Notes a broken image. Throws, naming it, if more than one in a thousand images are broken. */
  readonly report: (file: string, error: unknown) => void;
  /** One line that counts and names them, for the user; null if every image decoded. */
  readonly summary: () => string | null;
}

/** Counts the broken images among `total`; more than one in a thousand stop the run. */
export function brokenImages(total: number): BrokenImages {
  wholeNumber("number of images", total, { least: 1 });
  const broken: string[] = [];
  return {
    report: (file, error) => {
      broken.push(`${file} (${error instanceof Error ? error.message : String(error)})`);
      if (broken.length * 1000 > total) {
        const fault = `${broken.length} of ${total} images are broken, at most one in a thousand is allowed`;
        throw new InputError({ file, fault: `${fault}: ${named(broken)}`, cause: error });
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
