import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { loadAhead } from "../../core/load-ahead";
import { random } from "../../core/random";
import type { DecodeTask } from "../../data/decoding/messages";
import { sharedDecodePool } from "../../data/decoding/pool";
import { cropBox, cropDraws } from "../../data/images/crop";
import { imagenetNormalisation } from "../../data/images/normalisation";
import type { Workload } from "./measurement";

const [side, minArea, batch, files] = [224, 0.08, 64, 256];

/**
 * Random resized crops of JPEG files as training gets them: normalised batches of floats, asked for
 * ahead. A unit is an image.
 */
export async function decoding({ images = 1024 }: Readonly<Record<string, number>>): Promise<Workload> {
  const tasks = cropsOf(await photographs(files), images);
  const pool = sharedDecodePool();
  const starts = Array.from({ length: images / batch }, (_, index) => index * batch);
  const order = { valuesPerImage: side * side * 3, normalisation: imagenetNormalisation };
  const decode = async (first: number): Promise<Float32Array> =>
    (await pool.decode({ ...order, tasks: tasks.slice(first, first + batch) })).values;
  const round = async (): Promise<{ readonly units: number }> => {
    for await (const values of loadAhead(starts, decode, 2)) pool.recycle(values);
    return { units: images };
  };
  await round();
  return { round };
}

/**
 * The same crops by sharp alone, several at once so that all cores work. They stay bytes, neither
 * normalised nor gathered in batches.
 */
export async function sharpAlone({ images = 1024 }: Readonly<Record<string, number>>): Promise<Workload> {
  const tasks = cropsOf(await photographs(files), images);
  sharp.concurrency(1);
  sharp.cache(false);
  const round = async (): Promise<{ readonly units: number }> => {
    const waiting = tasks.values();
    const work = async (): Promise<void> => {
      for (const { path, view } of waiting) {
        const { width, height } = await sharp(path).metadata();
        if (view.kind !== "resized-crop") continue;
        const box = cropBox(view.draws, minArea, height, width);
        await sharp(path)
          .extract(box)
          .resize(side, side, { fit: "fill", kernel: "linear" })
          .removeAlpha()
          .raw()
          .toBuffer();
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
    return { units: images };
  };
  await round();
  return { round };
}

function cropsOf(paths: readonly string[], images: number): readonly DecodeTask[] {
  const draw = random("bench", "crops");
  return Array.from({ length: images }, (_, index) => ({
    path: paths[index % paths.length] as string,
    view: { kind: "resized-crop", side, minArea, draws: cropDraws(draw.fork(index)) },
  }));
}

const [width, height] = [500, 375];

/**
 * JPEG files of 500 x 375 with large shapes and some noise, like photographs, in a temporary folder
 * that is removed when this process exits.
 */
async function photographs(count: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "photographs-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const paths = Array.from({ length: count }, (_, index) => join(folder, `${index}.jpg`));
  for (const [index, path] of paths.entries())
    await sharp(pixels(index), { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toFile(path);
  return paths;
}

function pixels(index: number): Uint8Array {
  const draw = random("bench", "photograph", index);
  const waves = Array.from(
    { length: 9 },
    () => [draw.uniform(0, 0.06), draw.uniform(0, 0.06), draw.uniform(0, 6)] as const,
  );
  const values = new Uint8Array(width * height * 3);
  for (let at = 0; at < values.length; at++) {
    const [x, y, channel] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3];
    const sum = waves
      .slice(3 * channel, 3 * channel + 3)
      .reduce((total, [u, v, phase]) => total + Math.sin(u * x + v * y + phase), 0);
    values[at] = 128 + 36 * sum + 12 * draw.uniform(-1, 1);
  }
  return values;
}
