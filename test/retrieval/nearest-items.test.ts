import { describe, expect, it } from "vitest";
import { type Matrix, matrix, row } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import { nearestOfItems } from "./same-items";

/** Small whole numbers, so that many distances are equal. */
function points(rows: number, columns: number, seed: number): Matrix {
  const stream = random(seed, "points");
  return matrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, () => Math.round(stream.uniform(-2, 2))),
  );
}

/** Takes the nearest of what is left, again and again. */
function naiveNearest(gallery: Matrix, query: Matrix, index: number, count: number, excludeSelf: boolean): number[] {
  const distance = (j: number): number =>
    row(gallery, j).reduce((sum, value, c) => sum + (value - (row(query, index)[c] ?? 0)) ** 2, 0);
  const left = Array.from({ length: gallery.rows }, (_, j) => j).filter((j) => !(excludeSelf && j === index));
  return Array.from({ length: count }, () => {
    const nearest = left.reduce((best, j) => (distance(j) < distance(best) ? j : best));
    left.splice(left.indexOf(nearest), 1);
    return nearest;
  });
}

describe("nearestItems", () => {
  it.each([0, 1, 2, 3])("agrees with the naive twin, equal distances in gallery order, seed %i", (seed) => {
    const gallery = points(40, 5, seed);
    const query = points(40, 5, seed + 100);
    const queries = [7, 0, 39, 7];
    for (const excludeSelf of [true, false]) {
      const found = nearestOfItems({ gallery, query, queries, count: 12, excludeSelf });
      expect(found.map((indices) => [...indices])).toEqual(
        queries.map((index) => naiveNearest(gallery, query, index, 12, excludeSelf)),
      );
    }
  });

  it("finds a point itself first unless it is left out", () => {
    const gallery = matrix(3, 1, Float32Array.of(0, 5, 6));
    expect(nearestOfItems({ gallery, query: gallery, queries: [1], count: 2 })).toEqual([Int32Array.of(2, 0)]);
    const withSelf = nearestOfItems({ gallery, query: gallery, queries: [1], count: 2, excludeSelf: false });
    expect(withSelf).toEqual([Int32Array.of(1, 2)]);
  });

  it("refuses queries, counts and embeddings that do not fit", () => {
    const gallery = points(4, 2, 0);
    const input = { gallery, query: gallery, queries: [0], count: 1 };
    expect(() => nearestOfItems({ ...input, queries: [0, 4] })).toThrow(/query: .* 0 to 3, got 4/);
    expect(() => nearestOfItems({ ...input, count: 4 })).toThrow(/count: .* 1 to 3, got 4/);
    expect(() => nearestOfItems({ ...input, query: points(4, 3, 0) })).toThrow(/query: .* 2 dimensions .* 3/);
    expect(() => nearestOfItems({ ...input, query: points(5, 2, 0) })).toThrow(/5 query rows and 4 gallery rows/);
  });
});
