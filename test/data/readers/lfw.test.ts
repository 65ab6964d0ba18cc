import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { sizeOf } from "../../../lib/data/dataset-size";
import { lfw } from "../../../lib/data/readers/lfw";
import { classSubset, type ImageSplit } from "../../../lib/data/splits/dataset";
import { resizedSplit } from "../../../lib/data/splits/memory-split";
import { temporaryFolder } from "../../temporary-folder";

/** Noise instead of a face. */
async function jpeg(seed: string): Promise<Buffer> {
  const stream = random("lfw", seed);
  const values = Uint8Array.from({ length: 64 * 64 * 3 }, () => stream.integer(256));
  return sharp(values, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** Persons 7 and 12 in train and test, 3 and 5 in open; `name` gives the number of an image's file. */
async function folderWith(name: (image: number) => number): Promise<string> {
  const folder = temporaryFolder();
  for (const [part, persons] of [
    ["train", ["0007", "0012"]],
    ["test", ["0007", "0012"]],
    ["open", ["0003", "0005"]],
  ] as const) {
    for (const person of persons) {
      for (let image = 0; image < 3; image++) {
        const path = join(folder, part, person, `00${name(image)}.jpg`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, await jpeg(`${part} ${person} ${image}`));
      }
    }
  }
  return folder;
}

const warn = (message: string): never => {
  throw new Error(message);
};
const all = ({ labels }: ImageSplit): Int32Array => Int32Array.from(labels.keys());

it("reads persons by the number of their folder, in an order that no file name decides", async () => {
  const plain = await lfw({ side: 64, folder: await folderWith((image) => image), warn });
  const renamed = await lfw({ side: 64, folder: await folderWith((image) => 9 - image), warn });
  expect(plain.train.classNames).toEqual(["0007", "0012"]);
  for (const part of ["train", "test"] as const) {
    expect([...plain[part].labels]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(await renamed[part].load(all(plain[part]))).toEqual(await plain[part].load(all(plain[part])));
  }
  const small = await lfw({ side: 32, folder: await folderWith((image) => image), warn });
  expect(small.test.shape).toEqual([32, 32, 3]);
});

it("tests on other persons if it is told to, with the same training images", async () => {
  const folder = await folderWith((image) => image);
  const closed = await lfw({ side: 64, folder, warn });
  const open = await lfw({ side: 64, test: "other persons", folder, warn });
  expect(open.test.classNames).toEqual(["0003", "0005"]);
  expect(await open.train.load(all(open.train))).toEqual(await closed.train.load(all(closed.train)));
  expect(sizeOf({ name: "lfw-64px", side: 64 })).toEqual({ train: 3517, test: 807 });
  expect(sizeOf({ name: "lfw-64px", side: 64, test: "other persons" })).toEqual({ train: 3517, test: 4840 });
});

it("is never shown, in whatever part or size", async () => {
  const { train, test } = await lfw({ side: 64, folder: await folderWith((image) => image), warn });
  for (const split of [train, test, classSubset(train, Int32Array.of(1)), resizedSplit(test, 80)]) {
    expect(split.shown).toBe(false);
  }
});

it("refuses persons in the wrong part, and other sizes", async () => {
  const folder = await folderWith((image) => image);
  await expect(lfw({ side: 16 as 32, folder, warn })).rejects.toThrow(/^side of LFW.*got 16$/);
  renameSync(join(folder, "open", "0005"), join(folder, "open", "0012"));
  await expect(lfw({ side: 64, test: "other persons", folder, warn })).rejects.toThrow(
    /open: has persons of train: 0012.*data get lfw-64px/,
  );
  renameSync(join(folder, "test", "0007"), join(folder, "test", "0001"));
  await expect(lfw({ side: 64, folder, warn })).rejects.toThrow(/test: has not the persons of train: 0001, 0007/);
});
