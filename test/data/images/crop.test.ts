import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { cropBox, cropDraws, resizedCrop } from "../../../lib/data/images/crop";
import { naiveEnlarged } from "./naive-enlarged";

const stream = random(4, "resized crop");
const drawn = Array.from({ length: 4000 }, (_, i) => cropDraws(stream.fork(i)));

describe("cropBox", () => {
  it.each([
    [375, 500],
    [64, 64],
    [500, 333],
    [7, 9],
  ])("stays within %i x %i pixels, its area and aspect within their ranges up to the rounding", (height, width) => {
    for (const draws of drawn) {
      const box = cropBox(draws, 0.08, height, width);
      expect(box.top >= 0 && box.left >= 0 && box.top + box.height <= height && box.left + box.width <= width).toBe(
        true,
      );
      expect((box.height + 0.5) * (box.width + 0.5)).toBeGreaterThanOrEqual(0.08 * height * width);
      expect((box.width + 0.5) / (box.height - 0.5)).toBeGreaterThan(3 / 4);
      expect((box.width - 0.5) / (box.height + 0.5)).toBeLessThan(4 / 3);
    }
  });

  it("draws areas uniformly and aspects uniformly in their logarithm, where all fit", () => {
    // Areas up to a half: any aspect then fits a square.
    const boxes = drawn.map(({ boxes, mirrored }) => {
      const halved = boxes.map((value, i) => (i % 4 === 0 ? value * 0.45 : value));
      return cropBox({ boxes: halved, mirrored }, 0.1, 1000, 1000);
    });
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(boxes.map(({ height, width }) => height * width)) / 1e6).toBeCloseTo(0.1 + 0.9 * 0.225, 1);
    const logs = boxes.map(({ height, width }) => Math.log(width / height) / Math.log(4 / 3));
    expect(Math.abs(mean(logs))).toBeLessThan(0.03);
    expect(mean(logs.map((value) => value ** 2))).toBeCloseTo(1 / 3, 1);
    // Tops are uniform over what the height leaves.
    const tops = boxes.map(({ top, height }) => top / (1000 - height));
    expect(mean(tops)).toBeCloseTo(0.5, 1);
    expect(mean(tops.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
  });

  it("is the first try that fits, else the largest centred box of an allowed aspect", () => {
    const tooWide = [1, 1, 0.5, 0.5];
    const fits = [0, 0.5, 0, 0.999];
    const tries = (...list: readonly (readonly number[])[]) => ({ boxes: list.flat(), mirrored: false });
    expect(cropBox(tries(tooWide, fits, fits), 0.25, 100, 100)).toEqual({ top: 0, left: 50, height: 50, width: 50 });
    expect(cropBox(tries(tooWide), 0.08, 100, 100)).toEqual({ top: 0, left: 0, height: 100, width: 100 });
    expect(cropBox(tries(tooWide), 0.08, 30, 100)).toEqual({ top: 0, left: 30, height: 30, width: 40 });
    expect(cropBox(tries([1, 0, 0, 0]), 0.08, 100, 30)).toEqual({ top: 30, left: 0, height: 40, width: 30 });
    expect(cropBox(tries([0, 0, 0, 0]), 0.08, 1, 1)).toEqual({ top: 0, left: 0, height: 1, width: 1 });
  });

  it("is mirrored half of the time", () => {
    const share = drawn.filter(({ mirrored }) => mirrored).length / drawn.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.03);
  });
});

describe("resizedCrop", () => {
  const shape = [6, 8, 3] as const;
  const image = Uint8Array.from({ length: 6 * 8 * 3 }, () => stream.integer(256));
  const cropped = (box: ReturnType<typeof cropBox>, mirrored = false): Float32Array => {
    const target = new Float32Array(image.length);
    resizedCrop(image, shape, { box, mirrored, height: 6, width: 8 }, target);
    return target;
  };

  it("is the image itself where the box is the whole, mirrored on request", () => {
    const whole = { top: 0, left: 0, height: 6, width: 8 };
    expect([...cropped(whole)]).toEqual([...image]);
    const pixel = (x: number) => [...image.subarray(x * 3, x * 3 + 3)];
    expect([...cropped(whole, true).subarray(0, 9)]).toEqual([7, 6, 5].flatMap(pixel));
  });

  it("agrees with a sum over the box's pixels under tent weights", () => {
    for (const draws of drawn.slice(0, 50)) {
      const box = cropBox(draws, 0.1, 6, 8);
      const actual = cropped(box, draws.mirrored);
      actual.forEach((value, i) => {
        const [c, column, row] = [i % 3, Math.floor(i / 3) % 8, Math.floor(i / 24)];
        const across = draws.mirrored ? 7 - column : column;
        const y = Math.min(box.height - 1, Math.max(0, ((row + 0.5) / 6) * box.height - 0.5));
        const x = Math.min(box.width - 1, Math.max(0, ((across + 0.5) / 8) * box.width - 0.5));
        let expected = 0;
        for (let v = 0; v < box.height; v++) {
          for (let u = 0; u < box.width; u++) {
            const weight = Math.max(0, 1 - Math.abs(v - y)) * Math.max(0, 1 - Math.abs(u - x));
            expected += weight * (image[((box.top + v) * 8 + box.left + u) * 3 + c] ?? Number.NaN);
          }
        }
        expect(Math.abs(value - expected)).toBeLessThan(1e-3);
      });
    }
  });

  it.each([
    [4, 4, 3, 28, 28],
    [3, 5, 1, 7, 9],
    [1, 1, 3, 4, 2],
    [6, 6, 2, 6, 6],
  ])("enlarges %i x %i x %i to %i x %i as the naive twin", (height, width, channels, high, wide) => {
    const small = Float32Array.from({ length: height * width * channels }, () => stream.uniform());
    const target = new Float32Array(high * wide * channels);
    const box = { top: 0, left: 0, height, width };
    resizedCrop(small, [height, width, channels], { box, mirrored: false, height: high, width: wide }, target);
    const expected = naiveEnlarged(small, [height, width, channels], high, wide);
    target.forEach((value, i) => {
      expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(1e-6);
    });
  });

  it("has the values of PyTorch's interpolate without aligned corners", () => {
    const target = new Float32Array(16);
    const view = { box: { top: 0, left: 0, height: 2, width: 2 }, mirrored: false, height: 4, width: 4 };
    resizedCrop(Float32Array.of(1, 2, 3, 4), [2, 2, 1], view, target);
    expect([...target]).toEqual([1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]);
  });
});
