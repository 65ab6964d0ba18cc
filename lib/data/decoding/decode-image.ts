import { readFile } from "node:fs/promises";
import type { Sharp } from "sharp";
import sharp from "sharp";
import { type CropDraws, cropBox } from "../images/crop";

/** How a file becomes an image of side x side: the test view, perhaps mirrored, or a resized crop. */
export type ImageView =
  | { readonly kind: "centre"; readonly side: number; readonly mirrored: boolean }
  | { readonly kind: "resized-crop"; readonly side: number; readonly minArea: number; readonly draws: CropDraws };

/** A file that was read and is no image. `message` names it, `reason` does not. */
export class UndecodableImage extends Error {
  readonly reason: string;

  constructor(path: string, cause: unknown) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? "";
    super(`${path}: ${reason}`, { cause });
    this.reason = reason;
  }
}

/**
 * One view of an image file, side x side x 3 bytes, red, green, blue. Bilinear over the area that a new pixel covers, as the official code's.
 * Throws UndecodableImage on a truncated or foreign file, and the system's error on one that cannot be read.
 */
export async function decodeImage(path: string, view: ImageView): Promise<Uint8Array> {
  const content = await readFile(path);
  try {
    return await pixelsOf(content, view);
  } catch (cause) {
    throw new UndecodableImage(path, cause);
  }
}

async function pixelsOf(content: Buffer, view: ImageView): Promise<Uint8Array> {
  // Many published JPEGs have harmless faults in what accompanies the pixels: a warning is none, a missing piece of the image is.
  const image = sharp(content, { failOn: "error", sequentialRead: true });
  const cut = view.kind === "centre" ? centre(image, view) : await resizedCrop(image, view);
  return cut.toColourspace("srgb").removeAlpha().raw().toBuffer();
}

/** The shorter side resized to 256/224 of the wanted one, then the centre. */
function centre(image: Sharp, { side, mirrored }: Extract<ImageView, { readonly kind: "centre" }>): Sharp {
  const size = Math.round((side * 256) / 224);
  const border = Math.floor((size - side) / 2);
  const whole = image.resize(size, size, { fit: "cover", kernel: "linear" });
  return cutOut(whole, { side, left: border, top: border, width: size, mirrored });
}

async function resizedCrop(
  image: Sharp,
  { side, minArea, draws }: Extract<ImageView, { readonly kind: "resized-crop" }>,
): Promise<Sharp> {
  const { width, height } = await image.metadata();
  const { mirrored } = draws;
  const box = cropBox(draws, minArea, height, width);
  if (Math.min(box.width, box.height) < 2 * side) {
    return image.extract(box).resize(side, side, { fit: "fill", kernel: "linear" }).flop(mirrored);
  }
  // A JPEG is decoded at half the size or less where the whole is resized first; the box then moves by less than a new pixel.
  const whole = { width: Math.round((width * side) / box.width), height: Math.round((height * side) / box.height) };
  const left = Math.min(whole.width - side, Math.round((box.left * side) / box.width));
  const top = Math.min(whole.height - side, Math.round((box.top * side) / box.height));
  const resized = image.resize({ ...whole, fit: "fill", kernel: "linear" });
  return cutOut(resized, { side, left, top, width: whole.width, mirrored });
}

/** The square at (left, top) of a resized image, mirrored where asked for: sharp then mirrors the whole before it cuts. */
function cutOut(
  image: Sharp,
  { side, left, top, width, mirrored }: { side: number; left: number; top: number; width: number; mirrored: boolean },
): Sharp {
  return image.flop(mirrored).extract({ left: mirrored ? width - side - left : left, top, width: side, height: side });
}
