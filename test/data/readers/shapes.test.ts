import { beforeAll, describe, expect, it } from "vitest";
import { colourHues, shapeDistance, shapeNames } from "../../../lib/data/readers/draw-shape";
import { shapeClasses, shapes } from "../../../lib/data/readers/shapes";
import type { Dataset } from "../../../lib/data/splits/dataset";

const colourNames = ["blue", "green", "orange", "purple", "red", "yellow"];
const recipe = { side: 32, perClass: 5, seed: 1 };
let dataset: Dataset;
beforeAll(() => {
  dataset = shapes(recipe);
});

/** Hue in turns of the most saturated pixels' mean colour. */
function hueOf(pixels: Uint8Array): number {
  const sums = [0, 0, 0];
  for (let i = 0; i < pixels.length; i += 3) {
    const rgb = [...pixels.subarray(i, i + 3)];
    if (Math.max(...rgb) - Math.min(...rgb) <= 90) continue;
    for (const c of [0, 1, 2]) sums[c] = (sums[c] ?? 0) + (rgb[c] ?? 0);
  }
  const [red = 0, green = 0, blue = 0] = sums;
  return Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) / (2 * Math.PI);
}

function nearestColour(hue: number): string {
  const distance = (name: keyof typeof colourHues): number =>
    0.5 - Math.abs(0.5 - Math.abs((hue - colourHues[name] + 2) % 1));
  const names = Object.keys(colourHues) as (keyof typeof colourHues)[];
  return names.sort((a, b) => distance(a) - distance(b))[0] ?? "";
}

describe("shapes", () => {
  it("has 36 classes of colour x shape in the order of their names", () => {
    expect(shapeClasses).toHaveLength(36);
    expect(shapeClasses).toEqual([...shapeClasses].sort());
    expect(dataset.train.labels).toHaveLength(180);
    expect(new Set(dataset.train.labels).size).toBe(36);
    expect(dataset.test.labels).toEqual(dataset.train.labels);
  });

  it("shows the colour of its class", async () => {
    for (let index = 0; index < 180; index++) {
      const name = dataset.test.classNames[dataset.test.labels[index] ?? -1];
      expect(`${nearestColour(hueOf(await dataset.test.pixels(index)))}`).toBe(name?.split("/")[0]);
    }
  });

  it("shows the shape of its class: share of a circle's area filled, and ink at the centre", () => {
    const inside = (shape: (typeof shapeNames)[number]): number => {
      let count = 0;
      for (let x = -1.2; x < 1.2; x += 0.02)
        for (let y = -1.2; y < 1.2; y += 0.02) if (shapeDistance(shape, x, y) < 0) count++;
      return count * 0.02 * 0.02;
    };
    const areas = { circle: 2.01, cross: 2.04, ring: 1.99, square: 2, star: 1.69, triangle: 1.72 };
    for (const shape of shapeNames) {
      expect(inside(shape)).toBeCloseTo(areas[shape], 1);
      expect(shapeDistance(shape, 0, 0) < 0).toBe(shape !== "ring");
    }
    expect(shapeDistance("square", 0, 2)).toBeCloseTo(1, 6);
    expect(shapeDistance("cross", 0.65, 0.4)).toBeCloseTo(0.1, 6);
  });

  it("gives the same bytes for the same seed, others for another seed and for the test split", async () => {
    const again = shapes(recipe);
    for (const index of dataset.train.labels.keys()) {
      expect(Buffer.compare(await again.train.pixels(index), await dataset.train.pixels(index))).toBe(0);
    }
    expect(await shapes({ ...recipe, seed: 2 }).train.pixels(0)).not.toEqual(await dataset.train.pixels(0));
    expect(await dataset.test.pixels(0)).not.toEqual(await dataset.train.pixels(0));
  });

  it("is normalised per channel over the training split", async () => {
    const values = await dataset.train.load(Int32Array.from(dataset.train.labels.keys()));
    for (const c of [0, 1, 2]) {
      const channel = values.filter((_, i) => i % 3 === c);
      const mean = channel.reduce((a, b) => a + b, 0) / channel.length;
      const square = channel.reduce((a, b) => a + b * b, 0) / channel.length;
      expect(mean).toBeCloseTo(0, 4);
      expect(square).toBeCloseTo(1, 4);
    }
  });

  it("comes under colours alone for the same images", async () => {
    const colours = shapes({ ...recipe, labels: "colour" });
    for (const part of ["train", "test"] as const) {
      const [coarse, fine] = [colours[part], dataset[part]];
      expect(coarse.classNames).toEqual(colourNames);
      const named = [...coarse.labels].map((label) => coarse.classNames[label]);
      expect(named).toEqual([...fine.labels].map((label) => fine.classNames[label]?.split("/")[0]));
      const all = Int32Array.from(fine.labels.keys());
      expect(await coarse.load(all)).toEqual(await fine.load(all));
    }
    expect(await colours.test.pixels(77)).toEqual(await dataset.test.pixels(77));
  });

  it("draws any size and refuses none", () => {
    expect(shapes({ side: 20, perClass: 1, seed: 0 }).train.shape).toEqual([20, 20, 3]);
    expect(() => shapes({ ...recipe, side: 4 })).toThrow(/^side of shapes: .*at least 8, got 4$/);
    expect(() => shapes({ ...recipe, perClass: 0 })).toThrow(/perClass: .*at least 1, got 0$/);
  });
});
