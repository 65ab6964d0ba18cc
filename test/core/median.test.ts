import { expect, test } from "vitest";
import { median } from "../../lib/core/median";

test("the median is the middle of an odd count, whatever the order", () => {
  expect(median([60, 10, 30])).toBe(30);
  expect(median([7])).toBe(7);
});

test("the median lies between the middle two of an even count", () => {
  expect(median([60, 1, 20, 30])).toBe(25);
});

test("the median of nothing is not a number, and no argument is reordered", () => {
  expect(median([])).toBeNaN();
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
