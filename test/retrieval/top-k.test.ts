import { describe, expect, test } from "vitest";
import { type Matrix, matrix, row, selectRows } from "../../lib/core/matrix";
import { blockBytes } from "../../lib/retrieval/engine/scores/blocks";
import { tf } from "../../lib/tf/tensorflow";
import { normalRows, randomLabels } from "./normal-rows";
import { topKOfItems } from "./same-items";

type TopKInput = Parameters<typeof topKOfItems>[0];

/** Sorts all of the gallery by (distance, index). */
function naiveTopK({ gallery, query, k, excludeSelf = true }: TopKInput, i: number) {
  const from = row(query, i);
  const distance = (item: number): number =>
    row(gallery, item).reduce((sum, value, c) => sum + (value - (from[c] ?? 0)) ** 2, 0);
  const all = Array.from({ length: gallery.rows }, (_, item) => ({ item, distance: distance(item) }));
  const sorted = all.filter(({ item }) => !(excludeSelf && item === i));
  return sorted.sort((a, b) => a.distance - b.distance || a.item - b.item).slice(0, k);
}

function expectNaive(input: TopKInput, queries: Iterable<number>): void {
  const { k, items, squaredDistances } = topKOfItems(input);
  for (const i of queries) {
    const naive = naiveTopK(input, i);
    expect([...items.subarray(i * k, (i + 1) * k)]).toEqual(naive.map(({ item }) => item));
    naive.forEach(({ distance }, place) => {
      const found = squaredDistances[i * k + place] ?? Number.NaN;
      expect(Math.abs(found - distance)).toBeLessThanOrEqual(1e-12 * distance);
    });
  }
}

const scaled = (source: Matrix, by: number): Matrix =>
  matrix(
    source.rows,
    source.columns,
    source.data.map((value) => value * by),
  );

describe("topK equals its naive twin", () => {
  test.each([1, 2, 7, 59])("on whole numbers, hence many ties: k = %i", (k) => {
    const gallery = normalRows("gallery", 60, 3, true);
    const query = normalRows("query", 60, 3, true);
    expectNaive({ gallery, query, k }, Array(60).keys());
    expectNaive({ gallery, query: gallery, k, excludeSelf: false }, Array(60).keys());
  });

  test("if queries and gallery are not the same items", () => {
    const input = { gallery: normalRows("gallery", 90, 17), query: normalRows("query", 11, 17), excludeSelf: false };
    expectNaive({ ...input, k: 5 }, Array(11).keys());
    expectNaive({ ...input, k: 90 }, Array(11).keys());
  });

  test("over several blocks of products, every point many times", () => {
    const rows = 2500;
    const gallery = selectRows(normalRows("blocks", 250, 24), randomLabels("copies", rows, 250));
    expect(4 * rows ** 2).toBeGreaterThan(2 * blockBytes);
    expectNaive({ gallery, query: gallery, k: 13 }, [0, 1, 837, 838, 839, 1676, 1677, 2499]);
  });

  test("if more items than are picked lie at the same distance", () => {
    const gallery = selectRows(normalRows("crowd", 3, 8), randomLabels("crowd", 400, 3));
    expectNaive({ gallery, query: gallery, k: 5 }, Array(400).keys());
  });

  test("for queries in the middle of a gallery, where directions say nothing", () => {
    const half = normalRows("halves", 100, 6);
    const gallery = matrix(200, 6, Float32Array.from([...half.data, ...half.data.map((value) => -value)]));
    const query = matrix(
      3,
      6,
      Float32Array.from({ length: 18 }, (_, i) => (i < 6 ? 0 : i < 12 ? 1e-9 * i : 1e-4 * i)),
    );
    expectNaive({ gallery, query, k: 9, excludeSelf: false }, Array(3).keys());
  });

  test("for the smallest and the largest numbers, and one point many times", () => {
    const points = normalRows("extremes", 40, 5);
    for (const by of [1e-30, 1e30, 0]) {
      expectNaive({ gallery: scaled(points, by), query: scaled(points, by), k: 4 }, Array(40).keys());
    }
  });
});

test("cosine ignores lengths, and gives twice 1 - cosine", () => {
  const gallery = matrix(3, 2, Float32Array.of(1, 0, 0, 5, 3, 3));
  const query = matrix(1, 2, Float32Array.of(0.5, 0));
  const { items, squaredDistances } = topKOfItems({ gallery, query, k: 3, excludeSelf: false, distance: "cosine" });
  expect([...items]).toEqual([0, 2, 1]);
  [0, 2 - Math.SQRT2, 2].forEach((value, i) => {
    expect(squaredDistances[i]).toBeCloseTo(value, 6);
  });
});

test("leaves no tensor behind", () => {
  const gallery = normalRows("memory", 30, 4);
  const before = tf.memory().numTensors;
  topKOfItems({ gallery, query: gallery, k: 2 });
  expect(tf.memory().numTensors).toBe(before);
});

test.each<[Partial<TopKInput>, RegExp]>([
  [{ k: 0 }, /k: .* 1 to 4, got 0/],
  [{ k: 5 }, /k: .* 1 to 4, got 5/],
  [{ k: 1.5 }, /k: .* 1 to 4, got 1\.5/],
  [{ k: 6, excludeSelf: false }, /k: .* 1 to 5, got 6/],
  [{ query: matrix(4, 2) }, /excludeSelf: .* 4 query rows and 5 gallery rows/],
  [{ query: matrix(5, 3) }, /query: .* 2 dimensions .* 3/],
  [{ query: matrix(5, 2, Float32Array.of(0, 0, 0, Number.NaN, 0, 0, 0, 0, 0, 0)) }, /query row 1, column 1: .* NaN/],
  [{ distance: "l1" as "l2" }, /distance: .* l2, cosine, got l1/],
  [{ distance: "cosine" }, /gallery row 0 .* zeros/],
])("refuses %j", (change, message) => {
  const zeros = matrix(5, 2);
  expect(() => topKOfItems({ gallery: zeros, query: zeros, k: 1, ...change })).toThrow(message);
});
