import { describe, expect, test } from "vitest";
import { type Matrix, matrix } from "../../../../lib/core/matrix";
import { inScoreMemory } from "../../../../lib/retrieval/engine/kept/between-searches";
import { blockBytes, scoredRows } from "../../../../lib/retrieval/engine/scores/blocks";
import { squaredDistance } from "../../../../lib/retrieval/metrics/squared-distance";
import { tf } from "../../../../lib/tf/tensorflow";
import { normalRows } from "../../normal-rows";

describe("scoredRows", () => {
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
    inScoreMemory((memory) => {
      for (const { query: index, scores, offset, weight, margin } of scoredRows({ gallery, query }, memory)) {
        expect(index).toBe(expected++);
        expect(scores.length).toBe(gallery.rows);
        for (let j = 0; j < gallery.rows; j++) {
          const rough = offset - weight * (scores[j] ?? 0);
          expect(Math.abs(rough - squaredDistance(query, index, gallery, j))).toBeLessThanOrEqual(margin);
        }
      }
    });
    expect(expected).toBe(query.rows);
  });

  test("come by parts, block by block of queries, and whole if asked", () => {
    const gallery = normalRows("parts", 20000, 2);
    const query = normalRows("asking", 300, 2);
    const ways = { parts: {}, few: { mostQueries: 7 }, whole: { whole: true } };
    const scoresBy = Object.values(ways).map((options) => {
      const all = new Float32Array(query.rows * gallery.rows);
      let seen = 0;
      inScoreMemory((memory) => {
        for (const { query: index, first, scores } of scoredRows({ gallery, query }, memory, options)) {
          expect(scores.length * 4).toBeLessThanOrEqual(blockBytes);
          all.set(scores, index * gallery.rows + first);
          seen += scores.length;
        }
      });
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
    inScoreMemory((memory) => {
      for (const { query } of scoredRows({ gallery, query: gallery }, memory)) if (query === 3) break;
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
