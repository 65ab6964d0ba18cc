import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { squareImage } from "../../../lib/data/decoding/square-image";

const side = 8;
const colours = { red: [200, 40, 10], green: [20, 180, 60] } as const;

/** 32 x 16: the left half red, the right half green. */
function halves(): Buffer {
  const pixels = Buffer.alloc(32 * 16 * 3);
  for (let i = 0; i < 32 * 16; i++) pixels.set(i % 32 < 16 ? colours.red : colours.green, 3 * i);
  return pixels;
}
const drawn = () => sharp(halves(), { raw: { width: 32, height: 16, channels: 3 } });

/** The colour in the middle of each quarter, row by row. */
async function quarters(content: Buffer): Promise<number[][]> {
  const { pixels } = await squareImage(content, side);
  expect(pixels).toHaveLength(3 * side ** 2);
  const at = (row: number, column: number) => [
    ...pixels.subarray(3 * (side * row + column), 3 * (side * row + column) + 3),
  ];
  return [at(2, 1), at(2, 6), at(5, 1), at(5, 6)];
}

function expectNear(
  found: readonly (readonly number[])[],
  wanted: readonly (readonly number[])[],
  within: number,
): void {
  for (const [i, colour] of wanted.entries()) {
    for (const [c, value] of colour.entries()) {
      const apart = Math.abs((found[i]?.[c] ?? Number.NaN) - value);
      expect(apart, `quarter ${i}, channel ${c}: ${found[i]} instead of ${colour}`).toBeLessThanOrEqual(within);
    }
  }
}

const { red, green } = colours;
const across = [red, green, red, green];

describe("an image of a user", () => {
  it.each([
    ["JPEG", () => drawn().jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(), 3],
    ["PNG", () => drawn().png().toBuffer(), 0],
    ["WebP", () => drawn().webp({ lossless: true }).toBuffer(), 0],
    ["TIFF", () => drawn().tiff({ compression: "lzw" }).toBuffer(), 0],
    ["GIF", () => drawn().gif({ dither: 0 }).toBuffer(), 8],
  ])("has its colours as %s, the centre of its longer side", async (_, file, within) => {
    const content = await file();
    expectNear(await quarters(content), across, within);
    expect((await squareImage(content, side)).traits).toEqual([]);
  });

  it("is turned and mirrored as each of EXIF's orientations says, with three colours and with inks", async () => {
    const [r, g] = [red, green];
    const upright = [
      [r, g, r, g],
      [g, r, g, r],
      [g, r, g, r],
      [r, g, r, g],
      [r, r, g, g],
      [r, r, g, g],
      [g, g, r, r],
      [g, g, r, r],
    ];
    for (const [index, wanted] of upright.entries()) {
      const orientation = index + 1;
      const options = { quality: 100, chromaSubsampling: "4:4:4" };
      const content = await drawn().jpeg(options).withMetadata({ orientation }).toBuffer();
      expectNear(await quarters(content), wanted, 3);
      const inks = await drawn().toColourspace("cmyk").jpeg(options).withMetadata({ orientation }).toBuffer();
      const found = await quarters(inks);
      // Without a profile inks are not the same colours; which half is which shows.
      const isRed = found.map(([red = 0, green = 0]) => red > green);
      expect(isRed, `inks, orientation ${orientation}`).toEqual(wanted.map((colour) => colour === red));
      const { traits } = await squareImage(content, side);
      expect(traits).toEqual(orientation === 1 ? [] : ["turned as EXIF says"]);
    }
  });

  it("of 16 bits a channel, or of grey, or of both, keeps its brightness", async () => {
    const deep = await drawn().toColourspace("rgb16").png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe("ushort");
    expectNear(await quarters(deep), across, 1);
    expect((await squareImage(deep, side)).traits).toEqual(["16 bits a channel"]);
    const deepTiff = await drawn().toColourspace("rgb16").tiff({ compression: "none" }).toBuffer();
    expectNear(await quarters(deepTiff), across, 1);

    const levels = Buffer.from(Array.from({ length: 32 * 16 }, (_, i) => (i % 32 < 16 ? 50 : 150)));
    const grey = () => sharp(levels, { raw: { width: 32, height: 16, channels: 1 } });
    const [dark, light] = [
      [50, 50, 50],
      [150, 150, 150],
    ] as const;
    const shallow = await grey().toColourspace("b-w").png().toBuffer();
    expectNear(await quarters(shallow), [dark, light, dark, light], 1);
    expect((await squareImage(shallow, side)).traits).toEqual(["grey"]);
    const both = await grey().toColourspace("grey16").png().toBuffer();
    expect((await sharp(both).metadata()).space).toBe("grey16");
    expectNear(await quarters(both), [dark, light, dark, light], 1);
    expect((await squareImage(both, side)).traits).toEqual(["grey", "16 bits a channel"]);
  });

  it("of several frames is the first, and transparency is left out; both are said", async () => {
    const frames = Buffer.concat([halves(), Buffer.alloc(32 * 16 * 3)]);
    const film = await sharp(frames, { raw: { width: 32, height: 32, channels: 3, pageHeight: 16 } })
      .webp({ lossless: true, loop: 0 })
      .toBuffer();
    expectNear(await quarters(film), across, 0);
    expect((await squareImage(film, side)).traits).toEqual(["of several frames, the first is taken"]);
    const clear = await drawn().ensureAlpha(0.25).png().toBuffer();
    const onWhite = across.map((colour) => colour.map((value) => 0.25 * value + 0.75 * 255));
    expectNear(await quarters(clear), onWhite, 2);
    expect((await squareImage(clear, side)).traits).toEqual(["with transparency, laid on white"]);
  });

  it("is refused if it is of another format, cut short or of numbers that are not whole", async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await expect(squareImage(svg, side)).rejects.toThrow(/no JPEG, PNG, WebP, TIFF or GIF.*<svg/);
    await expect(squareImage(Buffer.alloc(0), side)).rejects.toThrow("no JPEG");
    const png = await drawn().png().toBuffer();
    await expect(squareImage(png.subarray(0, png.length - 30), side)).rejects.toThrow("cut short");
    const webp = await drawn().webp({ lossless: true }).toBuffer();
    await expect(squareImage(webp.subarray(0, webp.length / 2), side)).rejects.toThrow();
    const float = await drawn().toColourspace("scrgb").tiff({ compression: "none" }).toBuffer();
    await expect(squareImage(float, side)).rejects.toThrow("holds float values");
  });
});
