import { describe, expect, test } from "vitest";
import { batchParts } from "../../../lib/training/loop/batches";
import { partSize } from "../../../lib/training/loop/requirements";

const batchOf = (samples: number) => ({
  samples,
  arrays: {
    images: { shape: [samples, 2], data: Float32Array.from({ length: 2 * samples }, (_, i) => i) },
    labels: { shape: [samples], data: Int32Array.from({ length: samples }, (_, i) => 10 * i) },
  },
});

describe("the parts of a batch", () => {
  test.each([
    [8, [4, 4]],
    [4, [4]],
    [3, [3]],
    [10, [4, 4, 2]],
    [9, [4, 5]],
    [1, [1]],
  ])("of %i samples, four at once, have %o", (samples, expected) => {
    const parts = batchParts(batchOf(samples), 4);
    expect(parts.map((part) => part.samples)).toEqual(expected);
    for (const name of ["images", "labels"] as const) {
      const joined = parts.flatMap(({ arrays }) => Array.from(arrays[name]?.data ?? []));
      expect(joined).toEqual(Array.from(batchOf(samples).arrays[name].data));
    }
    expect(parts.map(({ arrays }) => arrays.images?.shape)).toEqual(expected.map((size) => [size, 2]));
  });

  test.each([5, 0, 1.5, 24])("are refused if a batch of 24 has no %f equal parts of two or more", (accumulation) => {
    expect(() => partSize({ batchSize: 24, accumulation })).toThrow(
      new RegExp(`batch of 24.*equal parts of at least 2.* ${accumulation}$`),
    );
  });
});
