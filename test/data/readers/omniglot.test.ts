import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { loadDataset } from "../../../lib/data/load-dataset";
import { decodeDrawings, drawingOf, omniglot, omniglotAlphabets } from "../../../lib/data/readers/omniglot";
import { classesOf } from "../../../lib/data/splits/class-selection";
import type { Dataset, ImageSplit } from "../../../lib/data/splits/dataset";

let dataset: Dataset;
beforeAll(async () => {
  dataset = await loadDataset({ name: "omniglot", side: 32 });
});

/** One byte a pixel of all images of a split, in order. */
async function ink({ labels, pixels }: ImageSplit): Promise<Uint8Array> {
  const images = Buffer.concat(await Promise.all(Array.from(labels.keys(), pixels)));
  const values = new Uint8Array(images.length / 3);
  for (let i = 0; i < values.length; i++) values[i] = images[3 * i] ?? 0;
  return values;
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe("omniglot", () => {
  it("has 242 characters, 14 training and 6 test drawings of each", () => {
    for (const [split, drawings] of [
      [dataset.train, 14],
      [dataset.test, 6],
    ] as const) {
      expect(split.shape).toEqual([32, 32, 3]);
      expect(split.labels).toEqual(Int32Array.from({ length: 242 * drawings }, (_, i) => Math.floor(i / drawings)));
      expect(split.classNames).toEqual([...split.classNames].sort());
      expect(new Set(split.classNames).size).toBe(242);
    }
    expect(dataset.train.classNames[0]).toBe("Balinese/character01");
  });

  it("has the pixels of an independent decoder with averages in whole numbers", async () => {
    const train = await ink(dataset.train);
    const test = await ink(dataset.test);
    expect(mean(train) / 255).toBeCloseTo(0.0807414, 6);
    expect(mean(test) / 255).toBeCloseTo(0.0801135, 6);
    expect([sha256(train), sha256(test)]).toEqual([
      "cafe3d71167e68a211fcfcaf444745c12585747e8643725cee6f86dc715de68e",
      "5a42e8cb9301a3236122177dbea05be4547701db62e26cb6af743142a1fdd31b",
    ]);
  });

  it("shares no drawing between the splits", async () => {
    const digests = async ({ labels, pixels }: ImageSplit): Promise<string[]> =>
      Promise.all(Array.from(labels.keys(), async (i) => `${labels[i]} ${sha256(await pixels(i))}`));
    const train = new Set(await digests(dataset.train));
    for (const digest of await digests(dataset.test)) expect(train).not.toContain(digest);
  });

  it("loads three equal channels of mean 0 and deviation 1 over the training split", async () => {
    const values = await dataset.train.load(Int32Array.from(dataset.train.labels.keys()));
    let [sum, squares, unequal] = [0, 0, 0];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? Number.NaN;
      sum += value;
      squares += value * value;
      if (value !== values[i - (i % 3)]) unequal++;
    }
    expect(sum / values.length).toBeCloseTo(0, 4);
    expect(squares / values.length).toBeCloseTo(1, 4);
    expect(unequal).toBe(0);
  });

  it("names the alphabets of its archives", () => {
    const { classNames } = dataset.train;
    expect(classesOf({ folders: omniglotAlphabets.first }, classNames)).toHaveLength(136);
    expect(classesOf({ folders: omniglotAlphabets.second }, classNames)).toHaveLength(156);
  });

  it("is read once a process", () => {
    expect(loadDataset({ side: 32, name: "omniglot" })).toBe(loadDataset({ name: "omniglot", side: 32 }));
  });

  it("refuses a side beyond the drawings'", async () => {
    await expect(omniglot({ side: 106 })).rejects.toThrow("side 106: whole pixels from 1 to 105");
    await expect(loadDataset({ name: "omniglot", side: 1.5 })).rejects.toThrow("side 1.5");
  });
});

describe("broken drawings", () => {
  const path = "images_background_small1/Greek/character01/0394_07.png";
  const drawing = (png: Uint8Array) => drawingOf("small1.zip", { path, content: png });
  const blank = (side: number): Promise<Buffer> =>
    sharp({ create: { width: side, height: side, channels: 3, background: "white" } })
      .png()
      .toBuffer();

  it("turns paper to 0 and ink to 255", async () => {
    const { values } = await decodeDrawings([drawing(await blank(105))], 32);
    expect(values).toEqual(new Uint8Array(32 * 32));
  });

  it("are refused by name: cut, of no format, too small, too large", async () => {
    const whole = await blank(105);
    for (const png of [whole.subarray(0, 60), Buffer.from("no image"), await blank(104), await blank(4000)]) {
      await expect(decodeDrawings([drawing(png)], 32)).rejects.toThrow(`small1.zip/${path} is `);
    }
  });

  it("are refused where the path is none of a drawing", () => {
    for (const other of ["a/readme.txt", "a/Greek/character01/0394_21.png", "a/Greek/0394_01.png"]) {
      expect(() => drawingOf("small1.zip", { path: other, content: new Uint8Array() })).toThrow(
        `"${other}" is no drawing`,
      );
    }
  });

  it("are refused where some are missing, before any is decoded", async () => {
    const folder = await mkdtemp(join(tmpdir(), "omniglot-"));
    const archive = zipSync({ [path]: new Uint8Array(9) });
    const checksum = { bytes: archive.length, sha256: sha256(archive) };
    const names = ["omniglot-images_background_small1.zip", "omniglot-images_background_small2.zip"];
    await Promise.all(names.map((name) => writeFile(join(folder, name), archive)));
    await writeFile(
      join(folder, "checksums.json"),
      JSON.stringify(Object.fromEntries(names.map((name) => [name, checksum]))),
    );
    await expect(omniglot({ folder })).rejects.toThrow("1 characters and 1 drawings instead of 242 and 4840");
    await rm(folder, { recursive: true });
  });
});
