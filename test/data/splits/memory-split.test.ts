import { describe, expect, it } from "vitest";
import { random } from "../../../lib/core/random";
import { shapes } from "../../../lib/data/readers/shapes";
import { resizedSplit } from "../../../lib/data/splits/memory-split";
import { naiveEnlarged } from "../images/naive-enlarged";

describe("resizedSplit", () => {
  it("enlarges what the split loads, views and pixels alike, and keeps the labels", async () => {
    const { train } = shapes({ side: 12, perClass: 1, seed: 2 });
    const large = resizedSplit(train, 30);
    expect(large.shape).toEqual([30, 30, 3]);
    expect(large.labels).toEqual(train.labels);
    const view = { augmentation: { kind: "crop-flip", padding: 2 }, random: random(5) } as const;
    for (const chosen of [undefined, view]) {
      const expected = [7, 3].map(async (index) =>
        naiveEnlarged(await train.load(Int32Array.of(index), chosen), [12, 12, 3], 30, 30),
      );
      const values = (await Promise.all(expected)).flat();
      (await large.load(Int32Array.of(7, 3), chosen)).forEach((value, i) => {
        expect(value).toBeCloseTo(values[i] ?? Number.NaN, 4);
      });
    }
    const pixels = naiveEnlarged(Float32Array.from(await train.pixels(7)), [12, 12, 3], 30, 30);
    expect([...(await large.pixels(7))].every((value, i) => Math.abs(value - (pixels[i] ?? 0)) <= 0.501)).toBe(true);
    expect(resizedSplit(train, 12)).toBe(train);
  });

  it("refuses to shrink, which would alias", () => {
    const { train } = shapes({ side: 12, perClass: 1, seed: 2 });
    for (const side of [11, 12.5])
      expect(() => resizedSplit(train, side)).toThrow(new RegExp(`at least 12, got ${side}$`));
  });
});
