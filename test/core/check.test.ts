import { describe, expect, it } from "vitest";
import { notFinite, oneOf, positive, unexpected, wholeNumber } from "../../lib/core/check";

describe("wholeNumber", () => {
  it("returns what lies in the range, its ends included", () => {
    for (const value of [1, 7, 10]) expect(wholeNumber("seeds", value, { least: 1, most: 10 })).toBe(value);
    expect(wholeNumber("rows", 2 ** 40, { least: 0 })).toBe(2 ** 40);
  });

  it.each([0, 11, 3.5, Number.NaN, Number.POSITIVE_INFINITY, -1])("refuses %d of 1 to 10 by name", (value) => {
    const refused = () => wholeNumber("seeds", value, { least: 1, most: 10 });
    expect(refused).toThrow(RangeError);
    expect(refused).toThrow(`seeds: expected a whole number from 1 to 10, got ${value}`);
  });

  it("names the least where there is no most", () => {
    expect(() => wholeNumber("rows", -1, { least: 0 })).toThrow("rows: expected a whole number of at least 0, got -1");
  });
});

describe("positive", () => {
  it("takes finite numbers above 0", () => {
    expect(positive("scale", 1e-9)).toBe(1e-9);
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => positive("scale", value)).toThrow(`scale: expected a number above 0, got ${value}`);
    }
  });
});

describe("oneOf", () => {
  it("takes what is listed and lists it otherwise", () => {
    expect(oneOf("depth", 50, [18, 50])).toBe(50);
    expect(() => oneOf("depth", 20, [18, 50])).toThrow("depth: expected one of 18, 50, got 20");
    expect(() => oneOf("side", 64, [32])).toThrow("side: expected 32, got 64");
  });
});

it("unexpected writes any value", () => {
  expect(unexpected("order", "an array", null).message).toBe("order: expected an array, got null");
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("%s is found wherever it stands", (wrong) => {
  for (let length = 0; length < 11; length++) {
    const values = Float32Array.from({ length }, (_, i) => (i % 2 === 0 ? -3.4e38 : -0));
    expect(notFinite(values)).toBeNull();
    for (let at = 0; at < length; at++) {
      expect(notFinite(values.with(at, wrong))).toBe(`1 of ${length} values not finite, the first ${wrong} at ${at}`);
    }
  }
  expect(notFinite(Int32Array.of(2 ** 31 - 1, -(2 ** 31)))).toBeNull();
});
