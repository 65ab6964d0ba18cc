import { expect, test } from "vitest";
import { rankCorrelation } from "../../lib/statistics/rank-correlation";

// The values of scipy.stats.spearmanr 1.17.
test.each([
  [[1, 2, 3, 4], [10, 20, 30, 45], 1],
  [[1, 2, 3, 4], [4, 3, 2, 1], -1],
  [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8], 0.1988536812],
  [[1, 1, 2, 2, 3], [5, 6, 5, 7, 7], 0.5833333333],
])("of %j and %j", (first, second, expected) => {
  expect(rankCorrelation(first, second)).toBeCloseTo(expected, 9);
});

test("is no number if a list does not vary", () => {
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNaN();
});
