import { describe, expect, test } from "vitest";
import { rowSplit } from "../../../lib/adapters/pairs/pairs";

describe("the rows that are held out", () => {
  test("are all views of an item, and no item is on both sides", () => {
    const items = 40;
    const { learned, heldOut } = rowSplit(3 * items, { heldOut: 0.25, seed: 1, views: 3 });
    const [own, others] = [heldOut, learned].map((rows) => new Set([...rows].map((row) => row % items)));
    expect(heldOut.length).toBe(30);
    expect(own?.size).toBe(10);
    expect([...(own ?? [])].filter((item) => others?.has(item))).toEqual([]);
    expect([...learned, ...heldOut].sort((a, b) => a - b)).toEqual(Array.from({ length: 3 * items }, (_, row) => row));
  });

  test("are a tenth, but at least 5 items, and 10 stay", () => {
    expect(rowSplit(200, { heldOut: 0.1, seed: 0, views: 1 }).heldOut.length).toBe(20);
    expect(rowSplit(20, { heldOut: 0.1, seed: 0, views: 1 }).heldOut.length).toBe(5);
    expect(rowSplit(20, { heldOut: 0.9, seed: 0, views: 1 }).learned.length).toBe(10);
  });

  test("are of enough items with equally many views", () => {
    expect(() => rowSplit(28, { heldOut: 0.1, seed: 0, views: 2 })).toThrow(/items of the pairs: .*15.*14/);
    expect(() => rowSplit(31, { heldOut: 0.1, seed: 0, views: 2 })).toThrow(/multiple of the 2 views.*31/);
  });
});
