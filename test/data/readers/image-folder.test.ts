import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { random } from "../../../lib/core/random";
import { startDecodePool } from "../../../lib/data/decoding/pool";
import type { Augmentation } from "../../../lib/data/images/augment";
import { changeColours, colourDraws } from "../../../lib/data/images/colour";
import { cropBox, cropDraws } from "../../../lib/data/images/crop";
import { imagenetNormalisation } from "../../../lib/data/images/normalisation";
import { loadDataset } from "../../../lib/data/load-dataset";
import { imageFolder } from "../../../lib/data/readers/image-folder";
import { contentHash } from "../../../lib/data/splits/content-hash";
import type { Dataset, ImageSplit } from "../../../lib/data/splits/dataset";
import { temporaryFolder } from "../../temporary-folder";

const decoding = startDecodePool({ processes: 2, imagesEach: 2 });
afterAll(() => decoding.close());
afterEach(() => vi.unstubAllEnvs());

type Pixel = (x: number, y: number) => readonly [number, number, number];

async function encoded(width: number, height: number, pixel: Pixel, format: "png" | "jpeg" = "png"): Promise<Buffer> {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(pixel(x, y), (y * width + x) * 3);
  }
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  return (format === "png" ? image.png() : image.jpeg({ quality: 98, chromaSubsampling: "4:4:4" })).toBuffer();
}

const grey = await encoded(20, 20, () => [90, 90, 90]);
const plain = (value: number): Promise<Buffer> => encoded(20, 20, () => [value, 255 - value, 128]);

function folderWith(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function opened(
  folder: string,
  {
    side = 8,
    ...options
  }: { side?: number; ownTestClasses?: boolean; people?: boolean; warn?: (message: string) => void } = {},
): Promise<Dataset> {
  const warn = (message: string) => {
    throw new Error(message);
  };
  return imageFolder({ folder, side, pool: () => decoding, warn, ...options });
}

/** The bytes of the first image at `indices`, from its normalised values. */
async function bytesOf(split: ImageSplit, index: number, view?: Parameters<ImageSplit["load"]>[1]): Promise<number[]> {
  const values = await split.load(Int32Array.of(index), view);
  const { mean, deviation } = imagenetNormalisation;
  return Array.from(values, (value, i) => value * (deviation[i % 3] ?? 0) + (mean[i % 3] ?? 0));
}

describe("listing", () => {
  it("takes classes and images in the order of their names as text, and nothing but images", async () => {
    const folder = folderWith({
      "train/n10/a.JPEG": await plain(1),
      "train/n10/B.png": await plain(2),
      "train/n10/.hidden.jpg": grey,
      "train/n10/notes.txt": grey,
      "train/n9/1.jpeg": await plain(3),
      "train/Z/10.jpg": await plain(4),
      "train/Z/9.jpg": await plain(5),
      "train/read.me": grey,
      "train/.cache/1.jpg": grey,
      "val/n9/1.jpg": await plain(6),
      "val/Z/1.jpg": await plain(7),
    });
    symlinkSync(join(folder, "train", "Z"), join(folder, "train", "linked"));
    const { train, test } = await opened(folder);
    expect(train.classNames).toEqual(["Z", "linked", "n10", "n9"]);
    expect(test.classNames).toEqual(train.classNames);
    expect([...train.labels]).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect([...test.labels]).toEqual([0, 3]);
    const reds = await Promise.all([...train.labels.keys()].map(async (index) => (await train.pixels(index))[0]));
    expect(reds).toEqual([4, 5, 4, 5, 2, 1, 3]);
    expect(await Promise.all([0, 1].map(async (index) => (await test.pixels(index))[0]))).toEqual([7, 6]);
  });

  it("leaves out what other programs leave beside images, whatever it is called", async () => {
    const folder = folderWith({
      "train/a/1.jpg": await plain(1),
      "train/a/._1.jpg": Buffer.from("a Mac's shadow"),
      "train/a/odd.jpg/1.jpg": grey,
      "train/__MACOSX/1.jpg": grey,
      "val/a/1.jpg": grey,
    });
    execFileSync("mkfifo", [join(folder, "train", "a", "pipe.jpg")]);
    symlinkSync(join(folder, "nowhere"), join(folder, "train", "a", "2.jpg"));
    symlinkSync(join(folder, "train", "a", "1.jpg"), join(folder, "train", "a", "3.jpg"));
    symlinkSync(join(folder, "train", "a", "1.jpg"), join(folder, "train", "file"));
    symlinkSync(join(folder, "nowhere"), join(folder, "train", "gone"));
    symlinkSync("circle", join(folder, "train", "circle"));
    symlinkSync("1.jpg/1.jpg", join(folder, "train", "a", "4.jpg"));
    const { train } = await opened(folder);
    expect(train.classNames).toEqual(["a"]);
    expect(train.labels).toHaveLength(2);
    for (const index of [0, 1]) expect((await train.pixels(index))[0]).toBe(1);
  });

  it("lets val have classes of its own where that is said", async () => {
    const folder = folderWith({ "train/a/1.png": grey, "val/b/1.png": grey, "val/c/1.png": grey });
    const { train, test } = await opened(folder, { ownTestClasses: true });
    expect([train.classNames, test.classNames]).toEqual([["a"], ["b", "c"]]);
    expect([...test.labels]).toEqual([0, 1]);
    await expect(opened(folder)).rejects.toThrow("2 classes of val are not in train: b, c;");
  });

  it.each([
    [{ "train/a/1.png": grey }, /val: there is no such .*folder/],
    [{ "val/a/1.png": grey }, /train: there is no such .*folder/],
    [
      { "train/a/1.png": grey, "val/1.png": grey, "val/2.jpg": grey },
      /val: has no class folder but 2 images of no class/,
    ],
    [{ "train/a/1.png": grey, "val/read.me": grey }, /val: has no class folder: <class>/],
    [
      { "train/a/1.png": grey, "train/b/1.gif": grey, "val/a/1.png": grey },
      /train\/b: .*class folder without an image/,
    ],
  ])("refuses %j", async (files, message) => {
    await expect(opened(folderWith(files))).rejects.toThrow(message);
  });

  it.each([0, 1.5, Number.NaN])("refuses side %f", async (side) => {
    await expect(opened(temporaryFolder(), { side })).rejects.toThrow(
      new RegExp(`^side in pixels: .*at least 1, got ${side}$`),
    );
  });
});

describe("the test view", () => {
  it("is the centre of the image whose shorter side has 256/224 of the wanted pixels", async () => {
    // Nothing is resized: the pixel shown is the very one at its place.
    const wide = await encoded(512, 256, (x, y) => [x / 2, y, 7]);
    const tall = await encoded(256, 400, (x, y) => [x, y / 2, 7]);
    const { train } = await opened(folderWith({ "train/a/1.png": wide, "train/a/2.png": tall, "val/a/1.png": grey }), {
      side: 224,
    });
    const at = (image: readonly number[], x: number, y: number) =>
      image.slice((y * 224 + x) * 3, (y * 224 + x) * 3 + 3).map(Math.round);
    const shownWide = await bytesOf(train, 0);
    expect(at(shownWide, 0, 0)).toEqual([144 / 2, 16, 7]);
    expect(at(shownWide, 223, 100)).toEqual([Math.floor((144 + 223) / 2), 116, 7]);
    const shownTall = await bytesOf(train, 1);
    expect(at(shownTall, 0, 0)).toEqual([16, (72 + 16) / 2, 7]);
    expect(at(shownTall, 223, 222)).toEqual([239, (72 + 16 + 222) / 2, 7]);
    expect([...(await train.pixels(1))]).toEqual(shownTall.map(Math.round));
  });

  it("has three channels of 8 bits of any image: grey, with transparency, 16 bits", async () => {
    const image = () => sharp(grey);
    const { train } = await opened(
      folderWith({
        "train/a/1.jpg": await image().toColourspace("b-w").jpeg({ quality: 100 }).toBuffer(),
        "train/a/2.png": await image().ensureAlpha(0.5).png().toBuffer(),
        "train/a/3.png": await image().toColourspace("rgb16").png().toBuffer(),
        "val/a/1.png": grey,
      }),
    );
    for (const index of [0, 1, 2]) {
      const pixels = await train.pixels(index);
      expect(pixels).toHaveLength(8 * 8 * 3);
      for (const value of pixels) expect(Math.abs(value - 90)).toBeLessThanOrEqual(2);
    }
  });
});

const still = { brightness: 0, contrast: 0, saturation: 0, hue: 0, changed: 1, grey: 0 };

describe("a random view", () => {
  const ramp: Pixel = (x, y) => [x / 4, y / 3, 50];
  const augmentation: Augmentation = { kind: "resized-crop", minArea: 0.08 };

  it.each(["png", "jpeg"] as const)(
    "shows its box of a %s, also where a JPEG is decoded at a smaller size",
    async (format) => {
      const [width, height, side] = [800, 600, 32];
      const content = await encoded(width, height, ramp, format);
      const { train } = await opened(folderWith({ "train/a/1.png": content, "val/a/1.png": grey }), { side });
      let reduced = 0;
      for (let seed = 0; seed < 12; seed++) {
        const draws = cropDraws(random(seed).fork(0));
        const box = cropBox(draws, 0.08, height, width);
        reduced += Math.min(box.width, box.height) >= 2 * side ? 1 : 0;
        const shown = await bytesOf(train, 0, { augmentation, random: random(seed) });
        shown.forEach((value, i) => {
          const [c, column, y] = [i % 3, Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
          const x = draws.mirrored ? side - 1 - column : column;
          const expected = [
            (box.left + ((x + 0.5) / side) * box.width - 0.5) / 4,
            (box.top + ((y + 0.5) / side) * box.height - 0.5) / 3,
            50,
          ];
          // A border may be half a new pixel away from its place, and the colours of a JPEG are rounded.
          const pixel = [box.width / side / 4, box.height / side / 3, 0][c] ?? 0;
          expect(Math.abs(value - (expected[c] ?? Number.NaN))).toBeLessThan(0.75 * pixel + 3);
        });
      }
      expect(reduced).toBeGreaterThan(3);
    },
  );

  it("enlarges a box that is smaller than the view", async () => {
    const { train } = await opened(
      folderWith({ "train/a/1.png": await encoded(20, 30, (x, y) => [10 * x, 8 * y, 0]), "val/a/1.png": grey }),
      { side: 64 },
    );
    for (let seed = 0; seed < 6; seed++) {
      const draws = cropDraws(random(seed).fork(0));
      const box = cropBox(draws, 0.08, 30, 20);
      const shown = await bytesOf(train, 0, { augmentation, random: random(seed) });
      shown.forEach((value, i) => {
        const [c, column, y] = [i % 3, Math.floor(i / 3) % 64, Math.floor(i / 192)];
        const x = draws.mirrored ? 63 - column : column;
        const within = (at: number, extent: number) =>
          Math.min(extent - 1, Math.max(0, ((at + 0.5) / 64) * extent - 0.5));
        const expected = [10 * (box.left + within(x, box.width)), 8 * (box.top + within(y, box.height)), 0][c] ?? 0;
        expect(Math.abs(value - expected)).toBeLessThan(6);
      });
    }
  });

  it("depends on image and stream alone, and a flip mirrors the test view half of the time", async () => {
    const noise = random(1, "noise");
    const images = await Promise.all(
      [1, 2, 3].map(() => encoded(30, 40, () => [noise.integer(256), noise.integer(256), noise.integer(256)])),
    );
    const { train } = await opened(
      folderWith({
        ...Object.fromEntries(images.map((image, i) => [`train/a/${i}.png`, image])),
        "val/a/1.png": grey,
      }),
    );
    const load = (seed: number, kind: Augmentation, ...indices: number[]) =>
      train.load(Int32Array.from(indices), { augmentation: kind, random: random(seed) });
    const batch = await load(1, augmentation, 2, 0, 1, 2);
    expect(await load(1, augmentation, 2)).toEqual(batch.slice(3 * 192));
    expect(batch.slice(0, 192)).toEqual(batch.slice(3 * 192));
    expect(await load(2, augmentation, 2, 0, 1, 2)).not.toEqual(batch);
    const [image] = [await train.load(Int32Array.of(0))];
    const mirror = Float32Array.from(image, (_, i) => {
      const [c, x, row] = [i % 3, Math.floor(i / 3) % 8, Math.floor(i / 24)];
      return image[(row * 8 + 7 - x) * 3 + c] ?? Number.NaN;
    });
    const flips = await Promise.all(Array.from({ length: 40 }, (_, seed) => load(seed, { kind: "flip" }, 0)));
    const mirrored = flips.filter((view) => Buffer.compare(Buffer.from(view.buffer), Buffer.from(mirror.buffer)) === 0);
    const same = flips.filter((view) => Buffer.compare(Buffer.from(view.buffer), Buffer.from(image.buffer)) === 0);
    expect(mirrored.length + same.length).toBe(40);
    expect(Math.abs(mirrored.length - 20)).toBeLessThan(12);
  });

  it.each([
    [{ kind: "affine", rotation: 0, scale: 0, shear: 0, shift: 0 }, /image files: .*flip or resized-crop, got affine$/],
    [{ kind: "crop-flip", padding: 1 }, /image files: .*flip or resized-crop, got crop-flip$/],
    [{ kind: "resized-crop", minArea: 2 }, /^minArea: .*got 2$/],
    [{ kind: "resized-crop", minArea: 1, colour: { ...still, hue: 1 } }, /^hue: .*got 1$/],
  ] as const)("refuses %j", async (wrong, message) => {
    const { train } = await opened(folderWith({ "train/a/1.png": grey, "val/a/1.png": grey }));
    const load = train.load(Int32Array.of(0), { augmentation: wrong, random: random(1) });
    await expect(load).rejects.toThrow(message);
  });

  it.each([-1, 1])("refuses image %i", async (index) => {
    const { train } = await opened(folderWith({ "train/a/1.png": grey, "val/a/1.png": grey }));
    await expect(train.load(Int32Array.of(index))).rejects.toThrow(`image ${index} of a split of 1 images`);
  });
});

it("changes the colours of a crop in the decoding process as it does in memory", async () => {
  const files = { "train/a/1.png": await encoded(60, 50, (x, y) => [4 * x, 5 * y, 90]), "val/a/1.png": grey };
  const { train } = await opened(folderWith(files));
  const kind = { kind: "resized-crop", minArea: 0.3 } as const;
  const colour = { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, changed: 0.8, grey: 0.2 };
  for (let seed = 0; seed < 8; seed++) {
    const view = (augmentation: Augmentation): Promise<number[]> =>
      bytesOf(train, 0, { augmentation, random: random(seed) });
    const expected = Float32Array.from(await view(kind), Math.round);
    const stream = random(seed).fork(0);
    cropDraws(stream);
    changeColours(expected, colourDraws(colour, stream));
    (await view({ ...kind, colour })).forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(0.51);
    });
  }
});

describe("a broken image", () => {
  const truncated = grey.subarray(0, grey.length - 30);
  const numbered = (index: number) => String(index).padStart(4, "0");
  /** Two classes of 1000 images: a thousandth of all is two. */
  const twoClasses = async (broken: Readonly<Record<string, Uint8Array>>) =>
    folderWith({
      ...Object.fromEntries(
        ["a", "b"].flatMap((name) =>
          Array.from({ length: 1000 }, (_, i) => [`train/${name}/${numbered(i)}.png`, grey]),
        ),
      ),
      "train/a/0000.png": await plain(1),
      "train/a/0001.png": await plain(2),
      "train/b/0000.png": await plain(3),
      "val/a/1.png": grey,
      ...broken,
    });

  it("in training is replaced by the next of its class, the last by the first, and named once", async () => {
    const warnings: string[] = [];
    const folder = await twoClasses({ "train/a/0000.png": truncated, "train/a/0999.png": truncated });
    const { train } = await opened(folder, { warn: (message) => void warnings.push(message) });
    const indices = Int32Array.of(999, 0, 1, 1000);
    const [one, three] = [await train.load(Int32Array.of(1)), await train.load(Int32Array.of(1000))];
    const expected = [...one, ...one, ...one, ...three];
    expect([...(await train.load(indices))]).toEqual(expected);
    expect([...(await train.load(indices))]).toEqual(expected);
    expect(await train.pixels(0)).toEqual(await train.pixels(1));
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toMatch(/2 of 2000 images are broken.*train\/a\/0999\.png.*train\/a\/0000\.png/);
    const view = { augmentation: { kind: "resized-crop", minArea: 0.5 }, random: random(1) } as const;
    expect(await train.load(Int32Array.of(0), view)).toEqual(await train.load(Int32Array.of(1), view));
  });

  it("is one too many beyond one in a thousand", async () => {
    const folder = await twoClasses({
      "train/a/0003.png": truncated,
      "train/a/0004.png": truncated,
      "train/b/0005.png": truncated,
    });
    const { train } = await opened(folder, { warn: () => {} });
    await expect(train.load(Int32Array.of(3, 4, 1005))).rejects.toThrow(/3 of 2000 images are broken.*0005\.png/);
  });

  it("stops a test, and a file that is gone stops any run: each is named", async () => {
    const folder = folderWith({ "train/a/1.png": grey, "val/a/1.png": truncated, "val/a/2.png": grey });
    const { train, test } = await opened(folder);
    await expect(test.load(Int32Array.of(1, 0))).rejects.toThrow(/val\/a\/1\.png.*every test image must decode/);
    rmSync(join(folder, "train/a/1.png"));
    await expect(train.load(Int32Array.of(0))).rejects.toThrow(/train\/a\/1\.png: there is no such file/);
  });
});

describe("what an image folder is known by", () => {
  const files = { "train/a/1.png": grey, "train/b/1.png": grey, "val/a/1.png": grey };
  const hash = async (changed: Readonly<Record<string, Uint8Array>>) =>
    contentHash(await opened(folderWith({ ...files, ...changed })));

  it("is the paths and sizes of its files, wherever it lies", async () => {
    const known = await hash({});
    expect(known.kind).toBe("file list");
    expect(await hash({})).toEqual(known);
    expect(await hash({ "train/a/1.png": grey.map((byte) => byte ^ 1) })).toEqual(known);
    expect(await hash({ "train/read.me": grey })).toEqual(known);
  });

  it("changes in the split in which a file is added, renamed or has another size", async () => {
    const known = await hash({});
    for (const changed of [
      { "train/a/2.png": grey },
      { "train/c/1.png": grey },
      { "train/b/1.png": grey.subarray(1) },
    ]) {
      const other = await hash(changed as Readonly<Record<string, Uint8Array>>);
      expect(other.train).not.toBe(known.train);
      expect(other.test).toBe(known.test);
    }
    const other = await hash({ "val/b/1.png": grey });
    expect([other.train === known.train, other.test === known.test]).toEqual([true, false]);
  });
});

describe("the dataset of a recipe", () => {
  it.each(["imagenet-1k", "places-365"] as const)("%s is read from the folder of that name", async (name) => {
    const files = { [`${name}/train/a/1.png`]: await plain(9), [`${name}/val/a/1.png`]: await plain(8) };
    vi.stubEnv("FCT_DATA", folderWith(files));
    const { train, test } = await loadDataset({ name, side: 12 });
    expect(train.shape).toEqual([12, 12, 3]);
    expect([(await train.pixels(0))[0], (await test.pixels(0))[0]]).toEqual([9, 8]);
  });

  it("vggface2 has test classes of its own", async () => {
    vi.stubEnv("FCT_DATA", folderWith({ "vggface2/train/n1/1.jpg": grey, "vggface2/val/n2/1.jpg": grey }));
    const { train, test } = await loadDataset({ name: "vggface2", side: 8 });
    expect([train.classNames, test.classNames]).toEqual([["n1"], ["n2"]]);
  });

  it("that is not there is named", async () => {
    vi.stubEnv("FCT_DATA", temporaryFolder());
    await expect(loadDataset({ name: "imagenet-1k", side: 9 })).rejects.toThrow("ImageNet-1k");
  });
});
