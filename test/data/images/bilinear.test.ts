import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { bilinear } from "../../../lib/data/images/resize";
import { shapes } from "../../../lib/data/readers/shapes";
import { resizedSplit } from "../../../lib/data/splits/memory-split";

const noise = (count: number): Float32Array => {
  const stream = random(1, "bilinear");
  return Float32Array.from({ length: count }, () => stream.uniform());
};

/** Each target pixel as the sum over all source pixels of value times two triangle weights, the border repeated. */
function naive(image: Float32Array, height: number, width: number, channels: number, side: number): number[] {
  const weight = (i: number, size: number, k: number): number => {
    const centre = Math.min(Math.max(((i + 0.5) * size) / side - 0.5, 0), size - 1);
    return Math.max(0, 1 - Math.abs(centre - k));
  };
  return Array.from({ length: side * side * channels }, (_, at) => {
    const [c, x, y] = [at % channels, Math.floor(at / channels) % side, Math.floor(at / channels / side)];
    let sum = 0;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        sum += weight(y, height, row) * weight(x, width, column) * (image[(row * width + column) * channels + c] ?? 0);
      }
    }
    return sum;
  });
}

describe("bilinear", () => {
  it.each([
    [4, 4, 3, 28],
    [3, 5, 1, 7],
    [1, 1, 3, 4],
    [6, 6, 2, 6],
  ])("enlarges %i x %i x %i to side %i as the naive twin", (height, width, channels, side) => {
    const image = noise(height * width * channels);
    const target = new Float64Array(side * side * channels);
    bilinear(height, width, channels, side)(image, target);
    const expected = naive(image, height, width, channels, side);
    target.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 10);
    });
  });

  it("has the values of PyTorch's interpolate without aligned corners", () => {
    const target = new Float64Array(16);
    bilinear(2, 2, 1, 4)(Float32Array.of(1, 2, 3, 4), target);
    expect([...target]).toEqual([1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]);
  });

  it("refuses to shrink, and images of another size", () => {
    expect(() => bilinear(8, 4, 3, 7)).toThrow("bilinear side 7 of 8 x 4");
    expect(() => bilinear(2, 2, 3, 4)(new Float32Array(4), new Float32Array(48))).toThrow("4 values for 2 x 2");
  });
});

describe("resizedSplit", () => {
  it("enlarges what the split loads, views and pixels alike, and keeps the labels", async () => {
    const { train } = shapes({ side: 12, perClass: 1, seed: 2 });
    const large = resizedSplit(train, 30);
    expect(large.shape).toEqual([30, 30, 3]);
    expect(large.labels).toEqual(train.labels);
    const view = { augmentation: { kind: "crop-flip", padding: 2 }, random: random(5) } as const;
    for (const chosen of [undefined, view]) {
      const expected = [7, 3].map(async (index) =>
        naive(await train.load(Int32Array.of(index), chosen), 12, 12, 3, 30),
      );
      const values = (await Promise.all(expected)).flat();
      (await large.load(Int32Array.of(7, 3), chosen)).forEach((value, i) => {
        expect(value).toBeCloseTo(values[i] ?? Number.NaN, 4);
      });
    }
    const pixels = naive(Float32Array.from(await train.pixels(7)), 12, 12, 3, 30);
    expect([...(await large.pixels(7))].every((value, i) => Math.abs(value - (pixels[i] ?? 0)) <= 0.501)).toBe(true);
    expect(resizedSplit(train, 12)).toBe(train);
  });
});
