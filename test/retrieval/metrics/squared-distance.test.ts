import { expect, test } from "vitest";
import { row } from "../../../lib/core/matrix";
import { squaredDistance } from "../../../lib/retrieval/metrics/squared-distance";
import { normalRows } from "../normal-rows";

function naiveSquaredDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, c) => sum + (value - (b[c] ?? 0)) ** 2, 0);
}

test.each([1, 2, 3, 4, 5, 7, 8, 127, 128])("squaredDistance equals its naive twin at width %i", (columns) => {
  const a = normalRows("a", 3, columns);
  const b = normalRows("b", 4, columns);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 4; j++) {
      const twin = naiveSquaredDistance(row(a, i), row(b, j));
      expect(Math.abs(squaredDistance(a, i, b, j) / twin - 1)).toBeLessThan(1e-13);
    }
  }
});
