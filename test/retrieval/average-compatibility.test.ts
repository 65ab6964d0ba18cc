import { expect, test } from "vitest";
import { averageCompatibility } from "../../lib/retrieval/compatible-pairs";

test("the share of pairs in which an update gains over the model it replaces", () => {
  expect(averageCompatibility([[0.3], [0.4, 0.5]])).toBe(1);
  // Model 1 only equals model 0 on its gallery; model 2 gains on both.
  expect(averageCompatibility([[0.3], [0.3, 0.5], [0.4, 0.51, 0.6]])).toBe(2 / 3);
  // What stands above the diagonal does not count.
  expect(
    averageCompatibility([
      [0.3, 0.9, 0.9],
      [0.1, 0.5, 0.9],
      [0.2, 0.4, 0.6],
    ]),
  ).toBe(0);
});

test("refuses one model and missing numbers", () => {
  expect(() => averageCompatibility([[0.5]])).toThrow(/models: .* at least 2, got 1/);
  expect(() => averageCompatibility([[0.3], [0.4], [0.5, 0.6, 0.7]])).toThrow(/matrix\[1\]\[1\]: .* undefined/);
  expect(() => averageCompatibility([[0.3], [Number.NaN, 0.4]])).toThrow(/matrix\[1\]\[0\]: .* NaN/);
});
