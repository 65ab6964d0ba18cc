import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../../lib/data/decoding/decode-image";
import { imageIn } from "../../../lib/data/decoding/image-content";
import { temporaryFolder } from "../../temporary-folder";

// Written by Pillow: 8 x 8 pixels of four inks, cyan 36 x, magenta 36 y, yellow 128, black 12 (x + y).
const inks = Buffer.from(
  "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCg" +
    "wJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQEC" +
    "AwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dX" +
    "Z3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4E" +
    "QwBNAFkASwAAPwCT/g6Q/wCZi/7a/wBak/4ikP8Aqov/AJNf/XqOvqz9tv8Abb/4+/8Aib/3v46//9k=",
  "base64",
);

const pixels = async (content: Buffer): Promise<Buffer> =>
  (await imageIn(content, { failOn: "error" })).toColourspace("srgb").removeAlpha().raw().toBuffer();

it("a photograph of four inks has the colours that Pillow converts it to", async () => {
  const found = await pixels(inks);
  const at = (x: number, y: number): number[] => [...found.subarray(3 * (8 * y + x), 3 * (8 * y + x) + 3)];
  expect([at(0, 0), at(7, 7), at(5, 2), at(1, 6)]).toEqual([
    [255, 255, 127],
    [1, 1, 43],
    [50, 123, 85],
    [147, 26, 85],
  ]);
});

it("an image that claims more pixels than memory should hold is refused before they are decoded", async () => {
  const path = join(temporaryFolder(), "a.jpg");
  const claimed = Buffer.from(inks);
  const frame = claimed.indexOf(Buffer.of(0xff, 0xc0));
  claimed.writeUInt16BE(12_000, frame + 5);
  claimed.writeUInt16BE(12_000, frame + 7);
  writeFileSync(path, claimed);
  const decoded = decodeImage(path, { kind: "centre", side: 8, mirrored: false });
  await expect(decoded).rejects.toThrow(/a\.jpg: Input image exceeds pixel limit/);
});

const square = sharp({ create: { width: 20, height: 20, channels: 3, background: "red" } });
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20"/></svg>';

describe("whatever it is called, content is refused that is", () => {
  it.each<[string, () => Promise<Buffer> | Buffer]>([
    ["an SVG", () => Buffer.from(svg)],
    ["an SVG behind a declaration", () => Buffer.from(`<?xml version="1.0"?>${svg}`)],
    ["a GIF", () => square.clone().gif().toBuffer()],
    ["a TIFF", () => square.clone().tiff().toBuffer()],
    ["a WebP", () => square.clone().webp().toBuffer()],
    ["nothing", () => Buffer.alloc(0)],
  ])("%s", async (_, made) => {
    const path = join(temporaryFolder(), "a.jpg");
    writeFileSync(path, await made());
    const decoded = decodeImage(path, { kind: "centre", side: 8, mirrored: false });
    await expect(decoded).rejects.toMatchObject({ name: "InputError", file: path });
    await expect(decoded).rejects.toThrow(/is not a JPEG or PNG image/);
  });
});

describe("a PNG", () => {
  it("is refused if a byte of any chunk is changed, or if it is cut", async () => {
    const whole = await square.clone().png().toBuffer();
    await expect(pixels(whole)).resolves.toHaveLength(1200);
    for (let at = 12; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] as number) ^ 1;
      await expect(imageIn(changed, {})).rejects.toThrow(/another CRC-32|cut short/);
      await expect(imageIn(whole.subarray(0, at), {})).rejects.toThrow(/cut short/);
    }
  });

  it("under a JPEG's name is read, as one of ImageNet's is", async () => {
    const path = join(temporaryFolder(), "a.JPEG");
    writeFileSync(path, await square.clone().png().toBuffer());
    expect((await decodeImage(path, { kind: "centre", side: 8, mirrored: false })).subarray(0, 3)).toEqual(
      Buffer.of(255, 0, 0),
    );
  });
});
