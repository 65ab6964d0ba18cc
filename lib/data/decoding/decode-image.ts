import { writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Sharp } from "sharp";
import sharp from "sharp";
import { unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { changeColours } from "../images/colour";
import { cropBox } from "../images/crop";
import { imageIn } from "./image-content";
import { type DecodeReply, type DecodeRequest, type ImageView, pixelsDescriptor, slotBytes } from "./messages";

// A header may claim any size; photographs of the datasets have a fifth of this. An image of four
// inks, and a progressive JPEG, are held whole: below 1 GiB.
const mostPixels = 2 ** 26;

/** A file that was read and is not an image. */
class UndecodableImage extends InputError {
  constructor(path: string, cause: unknown) {
    super({
      file: path,
      fault: (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? "",
      cause,
    });
  }
}

/**
 * One view of an image file, side x side x 3 bytes, red, green, blue. Bilinear over the area that a
 * new pixel covers, as in the official code. Throws UndecodableImage on a truncated or foreign
 * file, and InputError on one that cannot be read.
 */
export async function decodeImage(path: string, view: ImageView): Promise<Uint8Array> {
  const content = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    return await pixelsOf(content, view);
  } catch (cause) {
    throw new UndecodableImage(path, cause);
  }
}

async function pixelsOf(content: Buffer, view: ImageView): Promise<Uint8Array> {
  // Many published JPEGs have harmless faults beside their pixels, which only give warnings.
  const image = await imageIn(content, { failOn: "error", limitInputPixels: mostPixels, sequentialRead: true });
  const cut = view.kind === "centre" ? centre(image, view) : await resizedCrop(image, view);
  const pixels = await cut.toColourspace("srgb").removeAlpha().raw().toBuffer();
  if (view.kind === "centre" || view.colours === undefined) return pixels;
  const values = Float32Array.from(pixels);
  changeColours(values, view.colours);
  return Uint8Array.from(values, Math.round);
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
  // If the whole is resized first, a JPEG is decoded at half its size or less; the box then moves
  // by less than a new pixel.
  const whole = { width: Math.round((width * side) / box.width), height: Math.round((height * side) / box.height) };
  const left = Math.min(whole.width - side, Math.round((box.left * side) / box.width));
  const top = Math.min(whole.height - side, Math.round((box.top * side) / box.height));
  const resized = image.resize({ ...whole, fit: "fill", kernel: "linear" });
  return cutOut(resized, { side, left, top, width: whole.width, mirrored });
}

/** The square at (left, top) of a resized image. sharp mirrors the whole before it cuts. */
function cutOut(
  image: Sharp,
  { side, left, top, width, mirrored }: { side: number; left: number; top: number; width: number; mirrored: boolean },
): Sharp {
  return image.flop(mirrored).extract({ left: mirrored ? width - side - left : left, top, width: side, height: side });
}

/**
 * Answers requests as a decoding process. The process ends with its parent, and leaves an interrupt
 * from the terminal to it.
 */
export function answerRequests(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit());
  process.on("message", (request: DecodeRequest) => void answer(request).then(send));
  send({ kind: "ready" });
}

async function answer({ slot, path, view }: DecodeRequest): Promise<DecodeReply> {
  try {
    const pixels = await decodeImage(path, view);
    return { kind: "pixels", slot, bytes: writeSync(pixelsDescriptor, pixels, 0, pixels.length, slot * slotBytes) };
  } catch (error) {
    if (error instanceof UndecodableImage) return { kind: "broken", slot, reason: error.fault };
    return { kind: "unreadable", slot, reason: error instanceof Error ? error.message : `${path}: ${error}` };
  }
}

function send(reply: DecodeReply): void {
  if (process.connected) process.send?.(reply);
}
