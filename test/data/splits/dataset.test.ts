import { beforeAll, describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { shapes, toColours } from "../../../lib/data/readers/shapes";
import { classSubset, type ImageSplit, relabel, selectImages } from "../../../lib/data/splits/dataset";

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
    expect(() => classSubset(split, Int32Array.of(36))).toThrow("class 36: 0 to 35");
    const partly = classSubset(split, Int32Array.of(1));
    expect(() => classSubset(partly, Int32Array.of(0))).toThrow("class 0 (blue/circle) has no image");
    expect(() => selectImages(split, Int32Array.of(72))).toThrow("image 72 of a split of 72");
    await expect(partly.load(Int32Array.of(2))).rejects.toThrow("image 2 of a split of 2");
    await expect(partly.pixels(-1)).rejects.toThrow("image -1");
  });
});

describe("relabel", () => {
  it("puts the same images under other classes", async () => {
    const colours = relabel(split, toColours);
    expect(colours.classNames).toEqual(["blue", "green", "orange", "purple", "red", "yellow"]);
    colours.labels.forEach((label, index) => {
      const fine = split.classNames[split.labels[index] ?? -1];
      expect(fine?.split("/")[0]).toBe(colours.classNames[label]);
    });
    expect(await colours.load(Int32Array.of(5))).toEqual(await split.load(Int32Array.of(5)));
  });

  it("refuses a map that does not fit", () => {
    expect(() => relabel(split, { classNames: ["a"], classOf: Int32Array.of(0) })).toThrow(
      "a map of 1 classes for a split of 36",
    );
    expect(() => relabel(split, { ...toColours, classNames: ["a"] })).toThrow("new class 1: 0 to 0");
  });
});
