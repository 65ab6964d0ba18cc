import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { expect, it, onTestFinished } from "vitest";
import { random } from "../../lib/core/random";
import { startDecodePool } from "../../lib/data/decoding/pool";
import { imageFolder } from "../../lib/data/readers/image-folder";
import type { Dataset, ImageSplit } from "../../lib/data/splits/dataset";
import { tf } from "../../lib/tf/tensorflow";
import { trainBackbone } from "../../lib/training/backbone";
import { embedImages } from "../../lib/training/embed";
import { bytesOf } from "../bytes-of";
import { temporaryFolder } from "../temporary-folder";
import { toyBackbone, toyContext } from "./shapes-toy";

/** Noise in four class folders, decoded by a pool. */
async function noiseFolder(): Promise<Dataset> {
  const folder = temporaryFolder();
  const stream = random(6, "noise folder");
  for (const [split, count] of [
    ["train", 13],
    ["val", 3],
  ] as const) {
    for (const name of ["a", "b", "c", "d"]) {
      mkdirSync(join(folder, split, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        const pixels = Uint8Array.from({ length: 24 * 30 * 3 }, () => stream.integer(256));
        const image = sharp(pixels, { raw: { width: 24, height: 30, channels: 3 } }).jpeg();
        writeFileSync(join(folder, split, name, `${i}.jpg`), await image.toBuffer());
      }
    }
  }
  const decoding = startDecodePool({ processes: 1, imagesEach: 3 });
  onTestFinished(() => decoding.close());
  return imageFolder({ folder, side: 16, pool: () => decoding });
}

/** The same images in memory that is used once, none asked for before it is needed. */
function oneByOne({ ahead: _ahead, recycle: _recycle, ...split }: ImageSplit): ImageSplit {
  return split;
}

it("a model trained on image files, and its embeddings, are the same to the byte with memory reused and batches loaded ahead", async () => {
  const folder = await noiseFolder();
  const plain = { train: oneByOne(folder.train), test: oneByOne(folder.test) };
  const augmentation = { kind: "resized-crop", minArea: 0.3 } as const;
  const recipe = { ...toyBackbone, batchSize: 8, augmentation, schedule: { learningRate: 0.1, epochs: 2, warmup: 0 } };
  const work = async ({ train, test }: Dataset) => {
    const fitted = await trainBackbone(recipe, { train, test }, toyContext());
    const network = { architecture: recipe.architecture, weights: fitted.weights };
    const views = { count: 3, augmentation, seed: 1 };
    const embedded = [
      await embedImages(network, test, null, toyContext()),
      await embedImages(network, train, views, toyContext()),
    ];
    const rows = embedded.map(({ data, rows, columns }) => ({ data, shape: [rows, columns] }));
    return bytesOf({ ...fitted.weights, ...Object.fromEntries(rows.map((array, i) => [`embedded ${i}`, array])) });
  };
  const expected = await work(plain);
  const before = tf.memory().numTensors;
  expect(await work(folder)).toBe(expected);
  expect(tf.memory().numTensors).toBe(before);
});
