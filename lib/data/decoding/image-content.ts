import type { Sharp, SharpOptions } from "sharp";
import sharp from "sharp";
import { crc32 } from "../../core/input/crc32";

/**
 * The image of a JPEG or PNG file, whatever the file is called. Throws Error on any other content
 * (an SVG takes a program's time, a GIF or TIFF may hold many images) and on a PNG with a damaged
 * part. A JPEG of four inks comes with the colours that Pillow, the official code's decoder, gives
 * it.
 */
export async function imageIn(content: Buffer, options: SharpOptions): Promise<Sharp> {
  switch (formatOf(content)) {
    case "jpeg":
      return inksOf(content) === 4 ? colours(content, options) : sharp(content, options);
    case "png":
      checkPng(content);
      return sharp(content, options);
    case null:
      throw new Error(
        `is not a JPEG or PNG image: it begins with ${JSON.stringify(content.toString("latin1", 0, 12))}`,
      );
  }
}

const signatures = {
  jpeg: Buffer.of(0xff, 0xd8, 0xff),
  png: Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
} as const;

function formatOf(content: Buffer): "jpeg" | "png" | null {
  const begins = (signature: Buffer): boolean => content.subarray(0, signature.length).equals(signature);
  if (begins(signatures.jpeg)) return "jpeg";
  return begins(signatures.png) ? "png" : null;
}

/** The number of colour components that a JPEG's frame header states; 0 if there is none. */
function inksOf(content: Buffer): number {
  for (let at = 2; at + 9 < content.length && content[at] === 0xff; ) {
    const marker = content[at + 1] as number;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return content[at + 9] as number;
    // Filling bytes may stand before a marker.
    at += marker === 0xff ? 1 : 2 + content.readUInt16BE(at + 2);
  }
  return 0;
}

/** Pillow's conversion: what the black ink leaves of white, less each colour's part of that. */
async function colours(content: Buffer, options: SharpOptions): Promise<Sharp> {
  const inks = sharp(content, { ...options, ignoreIcc: true })
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk");
  const { data, info } = await inks.raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const values = Buffer.alloc(width * height * 3);
  for (let from = 0, to = 0; to < values.length; from += 4, to += 3) {
    const light = 255 - (data[from + 3] as number);
    for (let c = 0; c < 3; c++) values[to + c] = light - shareOf(data[from + c] as number, light);
  }
  return sharp(values, { raw: { width, height, channels: 3 } });
}

/** a * b / 255, rounded. */
function shareOf(a: number, b: number): number {
  const product = a * b + 128;
  return (product + (product >> 8)) >> 8;
}

/** Throws Error unless every chunk of a PNG, up to the last, is whole and has its checksum. */
function checkPng(content: Buffer): void {
  for (let at = signatures.png.length; ; ) {
    const length = at + 12 <= content.length ? content.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (at + 12 + length > content.length) throw new Error(`is cut short: its PNG ends at byte ${content.length}`);
    const type = content.toString("latin1", at + 4, at + 8);
    const found = crc32(content.subarray(at + 4, at + 8 + length));
    if (found !== content.readUInt32BE(at + 8 + length)) {
      throw new Error(`is damaged: its PNG chunk ${JSON.stringify(type)} at byte ${at} has another CRC-32`);
    }
    if (type === "IEND") return;
    at += 12 + length;
  }
}
