import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { describe, expect, it, vi } from "vitest";
import { random } from "../../../lib/core/random";
import { loadDataset } from "../../../lib/data/load-dataset";
import { tinyImagenet } from "../../../lib/data/readers/tiny-imagenet";
import { temporaryFolder } from "../../temporary-folder";

// Unsorted, as in the real file.
const synsets = ["n00000003", "n00000001", "n00000002"];

interface Tree {
  readonly folder: string;
  readonly side: number;
  readonly perClass?: number;
}

/** Single-colour JPEGs: red is 40 times the synset's last digit, green 10 times the image's number modulo 20. */
async function jpeg(side: number, synset: string, image: number): Promise<Buffer> {
  const background = { r: 40 * Number(synset.at(-1)), g: 10 * (image % 20), b: 0 };
  return sharp({ create: { width: side, height: side, channels: 3, background } })
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
    .toBuffer();
}

function write(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A tree in the published layout: so many training images a class, two validation images, in an order of their own. */
async function makeTree({ folder, side, perClass = 2 }: Tree): Promise<void> {
  write(join(folder, "wnids.txt"), `${synsets.join("\n")}\n`);
  const annotations: string[] = [];
  for (const synset of synsets) {
    write(join(folder, "train", synset, `${synset}_boxes.txt`), "");
    for (let image = 0; image < perClass; image++) {
      write(join(folder, "train", synset, "images", `${synset}_${image}.JPEG`), await jpeg(side, synset, image));
    }
  }
  for (const image of [0, 1]) {
    for (const synset of synsets) {
      const name = `val_${annotations.length}.JPEG`;
      annotations.push(`${name}\t${synset}\t0\t0\t9\t9\n`);
      write(join(folder, "val", "images", name), await jpeg(side, synset, image));
    }
  }
  write(join(folder, "val", "val_annotations.txt"), annotations.join(""));
}

const madeTree = async (side: number, perClass = 2): Promise<string> => {
  const folder = temporaryFolder();
  await makeTree({ folder, side, perClass });
  return folder;
};

const published = { name: "tiny-imagenet", side: 32 } as const;
const reduced = { name: "tiny-imagenet-32px", side: 32 } as const;

describe("tinyImagenet", () => {
  it("takes the first classes in the order of their synsets, val as test, each image under its label", async () => {
    const { train, test } = await tinyImagenet({ ...reduced, classes: 2, folder: await madeTree(32) });
    expect(train.classNames).toEqual(["n00000001", "n00000002"]);
    expect([...train.labels]).toEqual([0, 0, 1, 1]);
    expect([...test.labels]).toEqual([0, 1, 0, 1]);
    expect(train.shape).toEqual([32, 32, 3]);
    for (const split of [train, test]) {
      for (const [index, label] of split.labels.entries()) {
        const [red = 0, , blue = 255] = await split.pixels(index);
        expect(Math.abs(red - 40 * (label + 1))).toBeLessThan(3);
        expect(blue).toBeLessThan(3);
      }
    }
    expect(Math.abs(((await train.pixels(3))[1] ?? 0) - 10)).toBeLessThan(3);
  });

  it("takes all classes where classes is null", async () => {
    const { train } = await tinyImagenet({ ...reduced, classes: null, folder: await madeTree(32) });
    expect(train.classNames).toEqual([...synsets].sort());
  });

  it("normalises by the training pixels of the chosen classes alone", async () => {
    const folder = await madeTree(32);
    const { train } = await tinyImagenet({ ...reduced, classes: 2, folder });
    const values = await train.load(Int32Array.of(0, 1, 2, 3));
    const channel = values.filter((_, i) => i % 3 === 0);
    const mean = channel.reduce((sum, value) => sum + value, 0) / channel.length;
    const square = channel.reduce((sum, value) => sum + value * value, 0) / channel.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(square - mean * mean).toBeCloseTo(1, 4);
  });

  it("averages 64 x 64 pixels over areas where 32 is asked, and keeps them where 64 is", async () => {
    const folder = await madeTree(64);
    const stream = random(1, "noise");
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, () => stream.integer(256));
    const png = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    write(join(folder, "train/n00000001/images/n00000001_0.JPEG"), png);
    const full = await tinyImagenet({ ...published, side: 64, classes: 1, folder });
    expect(await full.train.pixels(0)).toEqual(noise);
    const half = await (await tinyImagenet({ ...published, classes: 1, folder })).train.pixels(0);
    for (let i = 0; i < half.length; i++) {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % 32, Math.floor(i / 96)];
      const at = (dy: number, dx: number): number => noise[((2 * y + dy) * 64 + 2 * x + dx) * 3 + c] ?? 0;
      expect(half[i]).toBe(Math.round((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4));
    }
  });

  it("gives a grey JPEG three equal channels", async () => {
    const folder = await madeTree(32);
    const grey = await sharp(new Uint8Array(1024).fill(90), { raw: { width: 32, height: 32, channels: 1 } })
      .toColourspace("b-w")
      .jpeg()
      .toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    write(join(folder, "train/n00000001/images/n00000001_0.JPEG"), grey);
    const { train } = await tinyImagenet({ ...reduced, classes: 1, folder });
    expect([...new Set(await train.pixels(0))]).toEqual([90]);
  });

  it("leaves a broken image out, with its label, and says so", async () => {
    const folder = await madeTree(32, 400);
    write(join(folder, "train/n00000001/images/n00000001_7.JPEG"), (await jpeg(32, "n00000001", 7)).subarray(0, 200));
    const warn = vi.fn();
    const { train } = await tinyImagenet({ ...reduced, classes: null, folder, warn });
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/1 of 1206 images are broken and left out: .*n00000001_7/)],
    ]);
    expect([...train.labels].filter((label) => label === 0)).toHaveLength(399);
    expect(train.labels).toHaveLength(1199);
    const kept = Array.from({ length: 400 }, (_, image) => `${image}.`)
      .sort()
      .filter((name) => name !== "7.");
    for (const index of [0, 100, kept.indexOf("70."), kept.indexOf("8."), 398]) {
      expect(Math.abs(((await train.pixels(index))[1] ?? 0) - 10 * (Number(kept[index]) % 20))).toBeLessThan(3);
    }
    expect(Math.abs(((await train.pixels(400))[0] ?? 0) - 80)).toBeLessThan(3);
    expect(train.labels[399]).toBe(1);
  });

  it("stops where more are broken, naming file and size", async () => {
    const folder = await madeTree(32);
    write(join(folder, "val/images/val_1.JPEG"), await jpeg(48, "n00000001", 0));
    await expect(tinyImagenet({ ...reduced, classes: 1, folder })).rejects.toThrow(
      /1 of 4 images are broken.*val_1.JPEG: is 48 x 48: 32 x 32 is allowed/,
    );
    await expect(tinyImagenet({ ...published, side: 64, classes: 1, folder: await madeTree(32) })).rejects.toThrow(
      /is 32 x 32: 64 x 64 is allowed/,
    );
  });

  it("leaves out the shadow files of a Mac, and says what a val moved into class folders needs", async () => {
    const folder = await madeTree(32);
    write(join(folder, "train/n00000001/images/._n00000001_0.JPEG"), "shadow");
    mkdirSync(join(folder, "train/n00000001/images/odd.JPEG"));
    const read = () => tinyImagenet({ ...reduced, classes: 1, folder });
    expect((await read()).train.labels).toHaveLength(2);
    rmSync(join(folder, "val/val_annotations.txt"));
    await expect(read()).rejects.toMatchObject({ name: "InputError" });
    await expect(read()).rejects.toThrow(/val_annotations\.txt: there is no such file.*class folders, unpack/);
  });

  it("refuses lists that do not fit the layout, by name", async () => {
    const folder = await madeTree(32);
    const read = (): Promise<unknown> => tinyImagenet({ ...reduced, classes: 2, folder });
    rmSync(join(folder, "train/n00000002/images"), { recursive: true });
    await expect(read()).rejects.toThrow("train/n00000002/images");
    mkdirSync(join(folder, "train/n00000002/images"));
    await expect(read()).rejects.toThrow("train/n00000002/images: holds no *.JPEG");
    write(join(folder, "train/n00000002/images/n00000002_0.JPEG"), await jpeg(32, "n00000002", 0));
    for (const line of ["../../wnids.JPEG\tn00000001", "val_0.JPEG\tn00000009", "val_0.JPEG", "val_0.png\tn00000001"]) {
      write(join(folder, "val/val_annotations.txt"), `${line}\n`);
      await expect(read()).rejects.toThrow(`"${line.replace("\t", " ")}" is not`);
    }
    write(join(folder, "val/val_annotations.txt"), "val_0.JPEG\tn00000001\nval_0.JPEG\tn00000002\n");
    await expect(read()).rejects.toThrow("names an image twice");
    for (const [list, said] of [
      ["n00000001\n..\n", '".." is not a synset'],
      ["\n", "names no synset"],
      ["n00000001\nn00000001\n", "twice"],
    ] as const) {
      write(join(folder, "wnids.txt"), list);
      await expect(read()).rejects.toThrow(said);
    }
  });

  it("refuses sides and class counts that are none", async () => {
    const folder = await madeTree(32);
    await expect(tinyImagenet({ ...published, side: 48 as 32, classes: 1, folder })).rejects.toThrow(
      /^side of tiny-imagenet: .*one of 32, 64, got 48$/,
    );
    await expect(tinyImagenet({ ...reduced, side: 64 as 32, classes: 1, folder })).rejects.toThrow(
      /^side of tiny-imagenet-32px: expected 32, got 64$/,
    );
    for (const classes of [0, 4, 1.5]) {
      await expect(tinyImagenet({ ...reduced, classes, folder })).rejects.toThrow(
        new RegExp(`classes: .*from 1 to 3, got ${classes}$`),
      );
    }
  });
});

describe("loadDataset", () => {
  it("reads the published and the reduced images under their own names, whatever else is there", async () => {
    const data = temporaryFolder();
    vi.stubEnv("FCT_DATA", data);
    await makeTree({ folder: join(data, "tiny-imagenet"), side: 64 });
    await expect(loadDataset({ ...reduced, classes: 2 })).rejects.toThrow("data get tiny-imagenet-32px");
    await makeTree({ folder: join(data, "tiny-imagenet-32px"), side: 32, perClass: 1 });
    const official = await loadDataset({ ...published, classes: 3 });
    expect([official.train.shape[0], official.train.labels.length]).toEqual([32, 6]);
    expect((await loadDataset({ ...reduced, classes: 2 })).train.labels).toHaveLength(2);
    expect((await loadDataset({ ...published, side: 64, classes: 2 })).train.shape).toEqual([64, 64, 3]);
    vi.unstubAllEnvs();
  });
});
