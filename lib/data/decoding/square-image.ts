import type { Metadata, Sharp, SharpOptions } from "sharp";
import sharp from "sharp";
import { imageIn } from "./image-content";

/** What about a user's image is not as in most: it is handled, and counted for the user. */
export type ImageTrait =
  | "grey"
  | "CMYK"
  | "16 bits a channel"
  | "with transparency, laid on white"
  | "of several frames, the first is taken"
  | "turned as EXIF says";

/** An image cut to a square, side x side x 3 bytes, red, green, blue. */
interface SquareImage {
  readonly pixels: Uint8Array;
  readonly traits: readonly ImageTrait[];
}

/** The endings under which files are taken for images; the content decides how one is read. */
export const ownImageEnding: RegExp = /.\.(jpe?g|jfif|png|webp|tiff?|gif)$/i;

// A header may claim any size; this is more than any camera gives.
const options: SharpOptions = { failOn: "error", limitInputPixels: 2 ** 28, sequentialRead: true };

/**
 * A JPEG, PNG, WebP, TIFF or GIF image, whatever its file is called: upright, in sRGB, its shorter
 * side reduced to `side` by averaging over areas, and the centre of the longer one. Throws Error on
 * any other content, on a damaged file, and on pixels that are not whole numbers.
 */
export async function squareImage(content: Buffer, side: number): Promise<SquareImage> {
  const facts = await sharp(content, checked(content)).metadata();
  if (facts.depth !== "uchar" && facts.depth !== "ushort") {
    throw new Error(`holds ${facts.depth} values: 8 or 16 bits a channel are read`);
  }
  const { data, info } = await (await upright(content, facts))
    .resize(side, side, { fit: "cover", kernel: "linear" })
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  // A GIF is said to have transparency whether a pixel has or not.
  const hasAlpha = facts.hasAlpha && !(await sharp(content, options).stats()).isOpaque;
  return { pixels: info.channels === 1 ? threefold(data) : data, traits: traitsOf({ ...facts, hasAlpha }) };
}

const starts: readonly RegExp[] = [
  /^\xff\xd8\xff/,
  /^\x89PNG\r\n/,
  /^GIF8[79]a/,
  /^RIFF....WEBP/s,
  /^(II[*+]|MM.[*+])/s,
];

/** Throws Error on content of a format that is not read, before any decoder sees it. */
function checked(content: Buffer): SharpOptions {
  const start = content.toString("latin1", 0, 12);
  if (starts.some((known) => known.test(start))) return options;
  throw new Error(`is no JPEG, PNG, WebP, TIFF or GIF image: it begins with ${JSON.stringify(start)}`);
}

/** A JPEG or PNG is read as everywhere in the library; inks lose the orientation on the way. */
async function upright(content: Buffer, { format, space, orientation = 1 }: Metadata): Promise<Sharp> {
  if (format !== "jpeg" && format !== "png") return sharp(content, options).autoOrient();
  const image = await imageIn(content, options);
  return format === "jpeg" && space === "cmyk" ? turned(image, orientation) : image.autoOrient();
}

/** Turned and mirrored as the eight values of EXIF's orientation say. */
function turned(image: Sharp, orientation: number): Sharp {
  const mirrored = [2, 4, 5, 7].includes(orientation);
  const angle = [0, 0, 0, 180, 180, 270, 90, 90, 270][orientation] ?? 0;
  return image.rotate(angle).flop(mirrored);
}

function traitsOf({ space, depth, hasAlpha, pages = 1, orientation = 1 }: Metadata): readonly ImageTrait[] {
  const found: readonly (readonly [boolean, ImageTrait])[] = [
    [space === "b-w" || space === "grey16", "grey"],
    [space === "cmyk", "CMYK"],
    [depth === "ushort", "16 bits a channel"],
    [hasAlpha, "with transparency, laid on white"],
    [pages > 1, "of several frames, the first is taken"],
    [orientation > 1, "turned as EXIF says"],
  ];
  return found.flatMap(([holds, trait]) => (holds ? [trait] : []));
}

function threefold(grey: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)] as number);
}
