import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Matrix, matrix } from "../../lib/core/matrix";
import { compatiblePairs } from "../../lib/retrieval/compatible-pairs";
import type { Embeddings } from "../../lib/retrieval/engine/search";
import { tf } from "../../lib/tf/tensorflow";
import { normalRows, randomLabels } from "./normal-rows";

const pair = (gallery: Matrix, query: Matrix = gallery): Embeddings => ({ gallery, query });

function naiveDistance({ gallery, query }: Embeddings, i: number, j: number): number {
  let sum = 0;
  for (let c = 0; c < query.columns; c++) {
    sum += ((query.data[i * query.columns + c] ?? 0) - (gallery.data[j * query.columns + c] ?? 0)) ** 2;
  }
  return sum;
}

function naivePairs(before: Embeddings, after: Embeddings, labels: ArrayLike<number>) {
  const [positive, negative] = [
    { satisfied: 0, of: 0 },
    { satisfied: 0, of: 0 },
  ];
  for (let i = 0; i < labels.length; i++) {
    for (let j = 0; j < labels.length; j++) {
      if (i === j) continue;
      const change = naiveDistance(after, i, j) - naiveDistance(before, i, j);
      const side = labels[i] === labels[j] ? positive : negative;
      side.of++;
      if (side === positive ? change <= 0 : change >= 0) side.satisfied++;
    }
  }
  return {
    all: (positive.satisfied + negative.satisfied) / (positive.of + negative.of),
    positive: positive.satisfied / positive.of,
    negative: negative.satisfied / negative.of,
  };
}

describe("compatiblePairs", () => {
  test("equals its naive twin, equal distances included", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 4, max: 40 }), fc.boolean(), (seed, rows, whole) => {
        const points = (name: string, columns: number) => normalRows(`${name} ${seed}`, rows, columns, whole);
        const labels = randomLabels(`${seed}`, rows, 5);
        labels.set([0, 0, 1]);
        const before = pair(points("old", 3));
        const after = pair(points("mapped", 4), points("new", 4));
        expect(compatiblePairs({ before, after, labels })).toEqual(naivePairs(before, after, labels));
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test("over several blocks of products", () => {
    const labels = randomLabels("blocks", 1600, 3);
    const before = pair(normalRows("old", 1600, 3, true));
    const after = pair(before.gallery, normalRows("new", 1600, 3, true));
    expect(compatiblePairs({ before, after, labels })).toEqual(naivePairs(before, after, labels));
  });

  test("an unchanged pair satisfies all, a larger copy the pairs between classes alone", () => {
    const points = normalRows("copy", 30, 4);
    const larger = matrix(
      30,
      4,
      points.data.map((value) => 2 * value),
    );
    const labels = randomLabels("copy", 30, 4);
    const before = pair(points);
    expect(compatiblePairs({ before, after: before, labels })).toEqual({ all: 1, positive: 1, negative: 1 });
    const grown = compatiblePairs({ before, after: pair(larger), labels });
    expect([grown.positive, grown.negative]).toEqual([0, 1]);
  });

  test("leaves no tensor behind, even if it fails", () => {
    const before = pair(normalRows("memory", 6, 2));
    const tensors = tf.memory().numTensors;
    compatiblePairs({ before, after: before, labels: [0, 0, 0, 1, 1, 1] });
    expect(() => compatiblePairs({ before, after: before, labels: [0, 0, 0, 0, 0, 0] })).toThrow();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test("refuses what has no meaning", () => {
    const side = pair(normalRows("refusals", 4, 2));
    const refused = (labels: number[], after: Embeddings = side) => {
      return expect(() => compatiblePairs({ before: side, after, labels }));
    };
    refused([0, 1, 2, 3]).toThrow(/pair .* got 4 items of 4 classes/);
    refused([7, 7, 7, 7]).toThrow(/pair .* got 4 items of 1 classes/);
    refused([0, 0, 1]).toThrow(/labels: .* 4 .* got 3/);
    refused([0, 0, 1, 1], pair(normalRows("other", 5, 2))).toThrow(/labels: .* 5 .* got 4/);
    refused([0, 0, 1, 1], pair(side.gallery, normalRows("other", 5, 2))).toThrow(/5 query rows and 4 gallery rows/);
  });
});
