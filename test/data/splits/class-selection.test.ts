import { describe, expect, it } from "vitest";
import { type ClassSelection, classesOf } from "../../../lib/data/splits/class-selection";

const numbers = Array.from({ length: 100 }, (_, label) => String(label));
const shares = (fraction: number, shuffle: number | null): ClassSelection => ({ fraction, shuffle });

describe("classesOf", () => {
  it("selects all classes", () => {
    expect([...classesOf("all", ["b", "a", "c"])]).toEqual([0, 1, 2]);
  });

  it("takes the first half in the order of the names as text: of 0 .. 99 these are 0-5 and 10-53", () => {
    const expected = [0, 1, 2, 3, 4, 5, ...Array.from({ length: 44 }, (_, i) => i + 10)];
    expect([...classesOf(shares(0.5, null), numbers)]).toEqual(expected);
  });

  it("shuffles by the seed of the recipe, and a quarter is part of the half", () => {
    const half = classesOf(shares(0.5, 7), numbers);
    expect(half).toHaveLength(50);
    expect(half).toEqual(classesOf(shares(0.5, 7), numbers));
    expect(half).not.toEqual(classesOf(shares(0.5, 8), numbers));
    expect(half).toEqual(half.slice().sort());
    const quarter = classesOf(shares(0.25, 7), numbers);
    expect(quarter).toHaveLength(25);
    for (const label of quarter) expect(half).toContain(label);
  });

  it("selects by name, whatever the order of the labels", () => {
    const names = ["d", "b", "a", "c"];
    const chosen = (order: readonly string[]): string[] =>
      [...classesOf(shares(0.5, 3), order)].map((label) => order[label] ?? "").sort();
    expect(chosen(names)).toEqual(chosen([...names].reverse()));
  });

  it("selects the classes of folders", () => {
    const names = ["Greek/1", "Greek/2", "Greek_new/1", "Latin/1"];
    expect([...classesOf({ folders: ["Latin", "Greek"] }, names)]).toEqual([0, 1, 3]);
    expect(() => classesOf({ folders: ["Gree"] }, names)).toThrow(
      'no class in folder "Gree": there are Greek, Greek_new, Latin',
    );
    expect(() => classesOf({ folders: [] }, names)).toThrow("at least one");
  });

  it("refuses shares that give no whole number of classes, and empty selections", () => {
    expect(() => classesOf(shares(0.5, null), ["a", "b", "c", "d", "e"])).toThrow("fraction 0.5 of 5 classes is 2.5");
    expect(() => classesOf(shares(1e-9, null), ["a", "b"])).toThrow("a whole number of at least 1");
    for (const fraction of [0, -0.5, 1.5, Number.NaN]) {
      expect(() => classesOf(shares(fraction, null), numbers)).toThrow(
        new RegExp(`^class fraction: .*at most 1, got ${fraction}$`),
      );
    }
    expect(() => classesOf("all", [])).toThrow("got 0");
  });

  it("takes thirds exactly", () => {
    expect(classesOf(shares(1 / 3, 0), numbers.slice(0, 99))).toHaveLength(33);
  });
});
