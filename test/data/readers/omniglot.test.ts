import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { zipEntries } from "../../../lib/core/input/zip";
import { dataFolder } from "../../../lib/core/paths";
import { loadDataset } from "../../../lib/data/load-dataset";
import { omniglot, omniglotAlphabets, omniglotClasses } from "../../../lib/data/readers/omniglot";
import { classesOf } from "../../../lib/data/splits/class-selection";
import type { Dataset, ImageSplit } from "../../../lib/data/splits/dataset";
import { temporaryFolder } from "../../temporary-folder";
import { type ZipPart, zipOf } from "../../zip-writer";

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
      expect(split.classNames).toEqual(omniglotClasses);
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
    await expect(omniglot({ side: 106 })).rejects.toThrow(/^side of Omniglot: .*from 1 to 105, got 106$/);
    await expect(loadDataset({ name: "omniglot", side: 1.5 })).rejects.toThrow(/got 1.5$/);
  });
});

describe("broken drawings", () => {
  const names = ["omniglot-images_background_small1.zip", "omniglot-images_background_small2.zip"];
  const path = "images_background_small1/Balinese/character01/0108_07.png";
  const blank = (side: number): Promise<Buffer> =>
    sharp({ create: { width: side, height: side, channels: 3, background: "white" } })
      .png()
      .toBuffer();
  let published: readonly (readonly ZipPart[])[];
  beforeAll(async () => {
    published = await Promise.all(names.map((name) => partsOf(join(dataFolder(), name))));
    expect(published[0]?.some(({ name }) => name === path)).toBe(true);
  });

  async function partsOf(archive: string): Promise<readonly ZipPart[]> {
    const parts: ZipPart[] = [];
    for await (const { path: name, content } of zipEntries(archive, readFileSync(archive))) {
      parts.push({ name, content: await content(), stored: true });
    }
    return parts;
  }

  /** What reading a folder says that holds archives of these parts, with their checksums. */
  async function refusal(...archives: readonly (readonly ZipPart[])[]): Promise<string> {
    const folder = temporaryFolder();
    const checksums = names.map((name, i) => {
      const bytes = zipOf(archives[i] ?? []);
      writeFileSync(join(folder, name), bytes);
      return [name, { bytes: bytes.length, sha256: sha256(bytes) }];
    });
    writeFileSync(join(folder, "checksums.json"), JSON.stringify(Object.fromEntries(checksums)));
    return omniglot({ folder, side: 8 }).then(
      () => "",
      ({ message }: Error) => message,
    );
  }

  const withDrawing = (content: Uint8Array): readonly (readonly ZipPart[])[] =>
    published.map((parts) => parts.map((part) => (part.name === path ? { ...part, content } : part)));

  it("are refused by name: cut, of no format, too small, too large", async () => {
    const whole = await blank(105);
    for (const png of [whole.subarray(0, 60), Buffer.from("no image"), await blank(104), await blank(1000)]) {
      expect(await refusal(...withDrawing(png))).toMatch(`small1.zip/${path}: is a broken image`);
    }
    expect(await refusal(...withDrawing(whole))).toBe("");
  });

  it("are refused if the path is none of a drawing", async () => {
    for (const name of ["a/readme.txt", "a/Greek/character01/0394_21.png", "a/Greek/0394_01.png"]) {
      expect(await refusal([{ name, content: "x" }])).toMatch(`small1.zip, entry "${name}": is not a drawing`);
    }
  });

  it("are refused if some are missing or the archives differ, before any is decoded", async () => {
    const [first = [], second = []] = published;
    const one = [{ name: path, content: "x" }];
    expect(await refusal(one, one)).toMatch(/holds 1 characters and 1 drawings of Omniglot instead of 242 and 4840$/);
    expect(
      await refusal(
        first.filter(({ name }) => name !== path),
        second,
      ),
    ).toMatch("242 characters and 4839 drawings");
    expect(await refusal(one, [{ name: path, content: "y" }])).toMatch(/small2.zip.* differs from .*small1.zip/);
  });
});
