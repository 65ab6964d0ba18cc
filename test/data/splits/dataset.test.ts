import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { shapes } from "../../../lib/data/readers/shapes";
import { classSubset, type ImageSplit, selectImages } from "../../../lib/data/splits/dataset";

let split: ImageSplit;
beforeAll(() => {
  split = shapes({ side: 12, perClass: 2, seed: 4 }).train;
});

describe("classSubset", () => {
  it("keeps the images of the classes, with their labels and names", async () => {
    const subset = classSubset(split, Int32Array.of(3, 30));
    expect([...subset.labels]).toEqual([3, 3, 30, 30]);
    expect(subset.classNames).toEqual(split.classNames);
    expect(await subset.load(Int32Array.of(2, 0))).toEqual(await split.load(Int32Array.of(60, 6)));
    expect(await subset.pixels(3)).toEqual(await split.pixels(61));
  });

  it("varies an image as the whole split does", async () => {
    const subset = classSubset(split, Int32Array.of(3, 30));
    const view = { augmentation: { kind: "crop-flip", padding: 3 }, random: random(1) } as const;
    expect(await subset.load(Int32Array.of(2, 0), view)).toEqual(await split.load(Int32Array.of(60, 6), view));
  });

  it("refuses nothing, the unknown and the absent", async () => {
    expect(() => classSubset(split, new Int32Array())).toThrow("at least one class");
    expect(() => classSubset(split, Int32Array.of(36))).toThrow(/^class: .*from 0 to 35, got 36$/);
    const partly = classSubset(split, Int32Array.of(1));
    expect(() => classSubset(partly, Int32Array.of(0))).toThrow("class 0 (blue/circle) has no image");
    expect(() => selectImages(split, Int32Array.of(72))).toThrow("image 72 of a split of 72");
    await expect(partly.load(Int32Array.of(2))).rejects.toThrow("image 2 of a split of 2");
    await expect(partly.pixels(-1)).rejects.toThrow("image -1");
  });
});
