import { describe, expect, it } from "vitest";
import { sha256 } from "../../../lib/core/hash";
import { random } from "../../../lib/core/random";
import { loadDataset } from "../../../lib/data/load-dataset";
import { shapes } from "../../../lib/data/readers/shapes";
import { synthetic } from "../../../lib/data/readers/synthetic";
import { contentHash } from "../../../lib/data/splits/content-hash";
import { type ImageSplit, selectImages } from "../../../lib/data/splits/dataset";
import { heldOutOf, validationOf } from "../../../lib/data/splits/validation";

const dataset = shapes({ side: 8, perClass: 20, seed: 5 });

const images = ({ labels, pixels }: ImageSplit): Promise<readonly string[]> =>
  Promise.all(Array.from(labels, async (label, i) => `${label} ${sha256(await pixels(i))}`));

const perClass = ({ labels, classNames }: ImageSplit): readonly number[] =>
  classNames.map((_, label) => labels.filter((each) => each === label).length);

describe("validationOf", () => {
  it("holds out a tenth of every class, and shares no image with what is trained on or with the test", async () => {
    const { train, test } = validationOf(dataset, { seed: 0 });
    expect(new Set(perClass(test))).toEqual(new Set([2]));
    expect(new Set(perClass(train))).toEqual(new Set([18]));
    const [trained, validated, tested] = [await images(train), await images(test), await images(dataset.test)];
    expect([...trained, ...validated].sort()).toEqual([...(await images(dataset.train))].sort());
    for (const image of validated) {
      expect(trained).not.toContain(image);
      expect(tested).not.toContain(image);
    }
  });

  it("is drawn by its seed alone, whatever the labels of the classes", async () => {
    const of = (seed: number): Promise<readonly string[]> => images(validationOf(dataset, { seed }).test);
    expect(await images(validationOf(shapes({ side: 8, perClass: 20, seed: 5 }), { seed: 1 }).test)).toEqual(
      await of(1),
    );
    expect(await of(2)).not.toEqual(await of(1));
    const last = dataset.train.classNames.length - 1;
    const turned = {
      ...dataset.train,
      labels: dataset.train.labels.map((label) => last - label),
      classNames: dataset.train.classNames.toReversed(),
    };
    const pixelsOf = (lines: readonly string[]): string[] => lines.map((line) => line.split(" ")[1] ?? "").sort();
    const other = await images(validationOf({ ...dataset, train: turned }, { seed: 1 }).test);
    expect(pixelsOf(other)).toEqual(pixelsOf(await of(1)));
  });

  it("loads its images as the whole does: normalised alike, and varied alike", async () => {
    const { test } = validationOf(dataset, { seed: 3 });
    const place = (await images(dataset.train)).indexOf((await images(test))[7] ?? "");
    const view = { augmentation: { kind: "crop-flip", padding: 2 }, random: random(1) } as const;
    for (const each of [undefined, view]) {
      expect(await test.load(Int32Array.of(7), each)).toEqual(await dataset.train.load(Int32Array.of(place), each));
    }
  });

  it("takes Omniglot's drawers 13 and 14, whatever the seed", async () => {
    const whole = await loadDataset({ name: "omniglot", side: 8 });
    const { train, test } = await loadDataset({ name: "omniglot", side: 8, validation: { seed: 4 } });
    const drawers = Int32Array.from({ length: 242 * 2 }, (_, i) => 14 * Math.floor(i / 2) + 12 + (i % 2));
    expect(await images(test)).toEqual(await images(selectImages(whole.train, drawers)));
    expect(new Set(perClass(train))).toEqual(new Set([12]));
  });

  it("is made once for a dataset and seed, and leaves the dataset as it is", async () => {
    const recipe = { name: "shapes", side: 8, perClass: 20, seed: 5 } as const;
    const [once, again] = await Promise.all([0, 0].map((seed) => loadDataset({ ...recipe, validation: { seed } })));
    expect(again).toBe(once);
    expect(await contentHash(await loadDataset(recipe))).toEqual(await contentHash(dataset));
  });

  it("has a content hash of its own, also where no pixel is read", async () => {
    const drawn = synthetic({ side: 8, classes: 2, perClass: 10, seed: 0 });
    for (const each of [dataset, drawn]) {
      const hashes = [
        await contentHash(each),
        await contentHash(validationOf(each, { seed: 0 })),
        await contentHash(validationOf(each, { seed: 1 })),
      ];
      const all = hashes.flatMap(({ train, test }) => [...new Set([train, test])]);
      expect(new Set(all).size).toBe(all.length);
      expect(new Set(hashes.map(({ kind }) => kind)).size).toBe(1);
    }
  });

  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [8, 1],
    [14, 1],
    [15, 2],
    [500, 50],
  ])("of %d images of a class holds out %d", (count, held) => {
    expect(heldOutOf(count)).toBe(held);
  });
});
