import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { areaAveraging } from "../../../lib/data/images/resize";

/** Every target pixel as a sum over all source pixels of value times shared area. */
function naive(image: Uint8Array, height: number, width: number, side: number): number[] {
  const shared = (i: number, size: number, k: number): number =>
    Math.max(0, Math.min((i + 1) / side, (k + 1) / size) - Math.max(i / side, k / size));
  return Array.from({ length: side * side }, (_, pixel) => {
    let sum = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const area = shared(Math.floor(pixel / side), height, y) * shared(pixel % side, width, x);
        sum += area * side * side * (image[y * width + x] ?? 0);
      }
    }
    return sum;
  });
}

function noise(count: number): Uint8Array {
  const stream = random(1, "area averaging");
  return Uint8Array.from({ length: count }, () => stream.integer(256));
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe("areaAveraging", () => {
  it.each([
    [105, 105, 32],
    [12, 12, 4],
    [7, 9, 5],
    [5, 3, 8],
    [6, 6, 6],
    [9, 4, 1],
  ])("averages %i x %i to side %i as the naive twin, keeping the mean", (height, width, side) => {
    const image = noise(height * width);
    const averaged = areaAveraging(height, width, side)(image);
    const expected = naive(image, height, width, side);
    averaged.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 9);
    });
    expect(mean(averaged)).toBeCloseTo(mean(image), 9);
  });

  it("averages each colour as if it were alone", () => {
    const image = noise(7 * 9 * 3);
    const averaged = areaAveraging(7, 9, 4, 3)(image);
    for (const channel of [0, 1, 2]) {
      const grey = image.filter((_, i) => i % 3 === channel);
      expect([...averaged].filter((_, i) => i % 3 === channel)).toEqual([...areaAveraging(7, 9, 4)(grey)]);
    }
  });

  it("returns an image of its own size unchanged and a constant one constant", () => {
    expect([...areaAveraging(6, 6, 6)(noise(36))]).toEqual([...noise(36)]);
    for (const value of areaAveraging(105, 105, 32)(new Uint8Array(105 * 105).fill(255)))
      expect(value).toBeCloseTo(255, 10);
  });

  it("refuses sizes that are none", () => {
    expect(() => areaAveraging(105, 105, 0)).toThrow(/^image size: .*at least 1, got 0$/);
    expect(() => areaAveraging(4, 4, 2, 0)).toThrow(/^image size: .*got 0$/);
    expect(() => areaAveraging(4, 4, 2)(new Uint8Array(15))).toThrow("15 values for 4 x 4");
  });
});
