import sharp from "sharp";

/** The grey values of a PNG or JPEG of exactly `height` x `width` pixels. Throws an error that names the file. */
export async function decodeGrey(
  name: string,
  content: Uint8Array,
  height: number,
  width: number,
): Promise<Uint8Array> {
  const { data, info } = await sharp(content, { limitInputPixels: height * width, failOn: "warning" })
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new Error(`${name} is a broken image: ${cause instanceof Error ? cause.message : cause}`, { cause });
    });
  if (info.width !== width || info.height !== height || info.channels !== 1) {
    throw new Error(
      `${name} is ${info.height} x ${info.width} with ${info.channels} channels instead of ${height} x ${width}, grey`,
    );
  }
  return data;
}
