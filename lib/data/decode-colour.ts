import sharp from "sharp";

/** A decoded image: height x width x 3 bytes, red, green, blue. */
export interface ColourImage {
  readonly height: number;
  readonly width: number;
  readonly values: Uint8Array;
}

/** The colours of a JPEG or PNG of at most `pixels` pixels; a grey one gets three equal channels. Throws an error that names the file. */
export async function decodeColour(name: string, content: Uint8Array, pixels: number): Promise<ColourImage> {
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
