import { availableParallelism } from "node:os";
import sharp from "sharp";
import { random } from "../../core/random";
import type { DecodeTask } from "../../data/decode-batch";
import { sharedDecodePool } from "../../data/decode-pool";
import { imagenetNormalisation } from "../../data/imagenet-normalisation";
import { loadAhead } from "../../data/load-ahead";
import { cropBox, cropDraws } from "../../data/resized-crop";
import type { Workload } from "../measurement";
import { photographs } from "./photographs";

const [side, minArea, batch, files] = [224, 0.08, 64, 256];

/** Random resized crops of JPEG files as training gets them: normalised batches of floats, three asked for ahead; a unit is an image. */
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

/** The same crops by sharp alone, as many at once as Node has threads for: bytes, neither normalised nor gathered. */
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
    path: paths[index % paths.length] ?? "",
    view: { kind: "resized-crop", side, minArea, draws: cropDraws(draw.fork(index)) },
  }));
}
