import { describe, expect, it, vi } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { shapes } from "../../../lib/data/readers/shapes";
import { synthetic } from "../../../lib/data/readers/synthetic";
import { contentHash } from "../../../lib/data/splits/content-hash";
import { type Dataset, type ImageSplit, selectImages } from "../../../lib/data/splits/dataset";

const recipe = { side: 8, perClass: 2, seed: 1 };
const plain = shapes(recipe);

/** The split with its classes renumbered from the last to the first, and its images in reverse. */
function reversed(split: ImageSplit): ImageSplit {
  const last = split.classNames.length - 1;
  const { labels, ...rest } = selectImages(split, Int32Array.from(split.labels.keys()).reverse());
  return { ...rest, labels: labels.map((label) => last - label), classNames: split.classNames.toReversed() };
}

describe("the content hash of a dataset in memory", () => {
  it("is that of its sorted class names and pixels", async () => {
    const of = async ({ labels, classNames, pixels }: ImageSplit) => {
      const line = async (i: number) => `"${classNames[labels[i] ?? -1]}" ${sha256(await pixels(i))}\n`;
      return sha256(`8 x 8 x 3\n${(await Promise.all([...labels.keys()].map(line))).sort().join("")}`);
    };
    expect(await contentHash(plain)).toEqual({
      kind: "pixels",
      train: await of(plain.train),
      test: await of(plain.test),
    });
  });

  it("does not depend on the order of images or labels", async () => {
    const other = { train: reversed(plain.train), test: reversed(plain.test) };
    expect(await contentHash(other)).toEqual(await contentHash(plain));
  });

  it("changes with a pixel, a class or a missing image, in the split where it is", async () => {
    const known = await contentHash(plain);
    const { train, test } = plain;
    const pixels = async (index: number) => {
      const image = await train.pixels(index);
      if (index === 5) image[7] = 1 ^ (image[7] ?? 0);
      return image;
    };
    const labels = train.labels.map((label, index) => (index === 5 ? label + 1 : label));
    const fewer = selectImages(train, Int32Array.from(train.labels.keys()).slice(1));
    const classNames = shapes({ ...recipe, labels: "colour" }).train.classNames;
    const changed: readonly ImageSplit[] = [
      { ...train, pixels },
      { ...train, labels },
      fewer,
      { ...train, classNames },
    ];
    for (const other of changed) {
      const hash = await contentHash({ train: other, test });
      expect(hash.train).not.toBe(known.train);
      expect(hash.test).toBe(known.test);
    }
  });

  it("is computed once", async () => {
    const pixels = vi.fn(plain.train.pixels);
    const dataset: Dataset = { ...plain, train: { ...plain.train, pixels } };
    expect(await Promise.all([contentHash(dataset), contentHash(dataset)])).toEqual([
      await contentHash(plain),
      await contentHash(plain),
    ]);
    expect(pixels).toHaveBeenCalledTimes(72);
  });
});

it("images that are drawn when they are loaded are known by their recipe", async () => {
  const drawn = { side: 8, classes: 2, perClass: 2, seed: 3 };
  const hash = await contentHash(synthetic(drawn));
  expect(hash.kind).toBe("recipe");
  expect(await contentHash(synthetic(drawn))).toEqual(hash);
  expect((await contentHash(synthetic({ ...drawn, seed: 4 }))).train).not.toBe(hash.train);
});
