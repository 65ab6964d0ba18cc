import { describe, expect, test } from "vitest";
import { matrix, row, selectRows } from "../../lib/core/matrix";
import { arrayNamed } from "../../lib/core/named-arrays";

const source = matrix(3, 2, Float32Array.of(1, 2, 3, 4, 5, 6));

describe("a matrix", () => {
  test("of the wrong size is refused with both sizes", () => {
    expect(() => matrix(2, 3, new Float32Array(5))).toThrow(/2 x 3.* 6 .*5/);
    expect(() => matrix(1.5, 2)).toThrow(/rows: .*whole number.*1\.5/);
    expect(() => matrix(2, -1)).toThrow(/columns: .*whole number.*-1/);
  });

  test("gives a row as a view", () => {
    const copy = matrix(3, 2, source.data.slice());
    row(copy, 1)[0] = 9;
    expect(copy.data).toEqual(Float32Array.of(1, 2, 9, 4, 5, 6));
    expect(() => row(source, 3)).toThrow(/row 3 .*3 rows/);
    expect(() => row(source, 0.5)).toThrow("row 0.5");
  });

  test("copies chosen rows in the chosen order, twice where asked twice", () => {
    const chosen = selectRows(source, [2, 0, 2]);
    chosen.data[0] = 7;
    expect(chosen).toEqual({ rows: 3, columns: 2, data: Float32Array.of(7, 6, 1, 2, 5, 6) });
    expect(source.data[4]).toBe(5);
    expect(() => selectRows(source, [-1])).toThrow("row -1");
  });
});

test("an array that is missing is named, and those that there are", () => {
  const array = { shape: [1], data: Float32Array.of(1) };
  expect(arrayNamed({ a: array }, "a")).toBe(array);
  expect(() => arrayNamed({ a: array, b: array }, "c")).toThrow(/c\b.*a, b/);
});
