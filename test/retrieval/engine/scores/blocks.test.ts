import { describe, expect, test } from "vitest";
import { type Matrix, matrix, row } from "../../../lib/core/matrix";
import { approximateRows, blockBytes } from "../../../lib/retrieval/scores/blocks";
import { squaredDistance } from "../../../lib/retrieval/scores/exact-distances";
import { splitRows } from "../../../lib/retrieval/scores/frame";
import { scoreMemory } from "../../../lib/retrieval/scores/memory";
import { tf } from "../../../lib/tf/tensorflow";
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

describe("approximateRows", () => {
  const shifted = (source: Matrix, by: number): Matrix =>
    matrix(
      source.rows,
      source.columns,
      source.data.map((value) => value + by),
    );

  test.each([
    ["normal", normalRows("g", 300, 128), normalRows("q", 40, 128)],
    ["far from the origin", shifted(normalRows("g", 300, 20), 1e4), shifted(normalRows("q", 40, 20), 1e4)],
    ["queries far from the gallery", normalRows("g", 300, 20), shifted(normalRows("q", 40, 20), 1e4)],
    ["one gallery row, met exactly", matrix(1, 3, Float32Array.of(1, 2, 3)), matrix(1, 3, Float32Array.of(1, 2, 3))],
  ])("stay within their margin of the exact distance: %s", (_, gallery, query) => {
    let expected = 0;
    for (const row of approximateRows({ gallery, query }, scoreMemory())) {
      const { query: index, scores, offset, weight, margin } = row;
      expect(index).toBe(expected++);
      expect(scores.length).toBe(gallery.rows);
      for (let j = 0; j < gallery.rows; j++) {
        const rough = offset - weight * (scores[j] ?? 0);
        expect(Math.abs(rough - squaredDistance(query, index, gallery, j))).toBeLessThanOrEqual(margin);
      }
    }
    expect(expected).toBe(query.rows);
  });

  test("come by parts, block by block of queries, and whole where asked", () => {
    const gallery = normalRows("parts", 20000, 2);
    const query = normalRows("asking", 300, 2);
    const ways = { parts: {}, few: { mostQueries: 7 }, whole: { whole: true } };
    const scoresBy = Object.values(ways).map((options) => {
      const all = new Float32Array(query.rows * gallery.rows);
      let seen = 0;
      for (const { query: index, first, scores } of approximateRows({ gallery, query }, scoreMemory(), options)) {
        expect(scores.length * 4).toBeLessThanOrEqual(blockBytes);
        all.set(scores, index * gallery.rows + first);
        seen += scores.length;
      }
      expect(seen).toBe(all.length);
      return all;
    });
    const rough = (scores: Float32Array | undefined): number[] =>
      [0, 9999, 10000, 5999999].map((i) => scores?.[i] ?? 0);
    for (const scores of scoresBy) {
      rough(scores).forEach((score, i) => {
        expect(score).toBeCloseTo(rough(scoresBy[0])[i] ?? 0, 5);
      });
    }
  });

  test("leave no tensor behind when the caller stops early", () => {
    const before = tf.memory().numTensors;
    const gallery = normalRows("g", 10, 2);
    for (const { query } of approximateRows({ gallery, query: gallery }, scoreMemory())) if (query === 3) break;
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("splitRows", () => {
  /** The nearest number of 11 significant bits, as TF32 keeps of a factor. */
  function cut(value: number): number {
    if (value === 0) return 0;
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);
    return Math.round(value / unit) * unit;
  }

  function product(a: Float32Array, b: Float32Array, of: (value: number) => number): number {
    return a.reduce((sum, value, c) => sum + of(value) * of(b[c] ?? 0), 0);
  }

  test("keep the product of two rows to 2^-21 where every factor is cut to 11 bits", () => {
    const columns = 64;
    const a = normalRows("left", 20, columns);
    const b = normalRows("right", 20, columns);
    const left = splitRows(a, "high low high");
    const right = splitRows(b, "high high low");
    let worstPlain = 0;
    for (let i = 0; i < 20; i++) {
      const exact = product(row(a, i), row(b, i), (value) => value);
      const size = Math.sqrt(product(row(a, i), row(a, i), (v) => v) * product(row(b, i), row(b, i), (v) => v));
      expect(Math.abs(product(row(left, i), row(right, i), cut) - exact) / size).toBeLessThan(2 ** -21);
      worstPlain = Math.max(worstPlain, Math.abs(product(row(a, i), row(b, i), cut) - exact) / size);
    }
    expect(worstPlain).toBeGreaterThan(2 ** -16);
  });
});
