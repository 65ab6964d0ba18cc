import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matrix, row } from "../../../lib/core/matrix";
import type { RetrievalInput } from "../../../lib/retrieval/input";
import { precisionAtR } from "../../../lib/retrieval/metrics/query-metrics";
import { normalRows, randomLabels } from "../normal-rows";
import { evaluateItems } from "../same-items";

/** The definitions on the sorted gallery, rank by rank; NaN if nothing is relevant. */
function naiveAtR({ gallery, query, labels }: RetrievalInput, i: number) {
  const from = row(query, i);
  const distance = (item: number): number =>
    row(gallery, item).reduce((sum, value, c) => sum + (value - (from[c] ?? 0)) ** 2, 0);
  const items = Array.from({ length: gallery.rows }, (_, item) => ({ item, distance: distance(item) }));
  const sorted = items.filter(({ item }) => item !== i).sort((a, b) => a.distance - b.distance || a.item - b.item);
  const right = sorted.map(({ item }) => (labels[item] === labels[i] ? 1 : 0));
  const relevant = right.reduce((a: number, b) => a + b, 0);
  const hits = (rank: number): number => right.slice(0, rank).reduce((a: number, b) => a + b, 0);
  let sum = 0;
  for (let rank = 1; rank <= relevant; rank++) if (right[rank - 1] === 1) sum += hits(rank) / rank;
  return { rPrecision: hits(relevant) / relevant, averagePrecisionAtR: sum / relevant };
}

function expectNaive(input: RetrievalInput): void {
  const { perQuery, rPrecision, mAPAtR } = evaluateItems(input);
  const naive = Array.from(perQuery.firstMatch, (_, i) => naiveAtR(input, i));
  expect([...perQuery.rPrecision]).toEqual(naive.map((one) => one.rPrecision));
  expect([...perQuery.averagePrecisionAtR]).toEqual(naive.map((one) => one.averagePrecisionAtR));
  const mean = (values: readonly number[]): number => {
    const known = values.filter((value) => !Number.isNaN(value));
    return known.reduce((a, b) => a + b, 0) / known.length;
  };
  expect(rPrecision).toBeCloseTo(mean(naive.map((one) => one.rPrecision)), 12);
  expect(mAPAtR).toBeCloseTo(mean(naive.map((one) => one.averagePrecisionAtR)), 12);
}

describe("R-precision and MAP@R equal their naive twin's", () => {
  test.each([false, true])("whole numbers, hence ties between matches and others: %s", (whole) => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 4, max: 60 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 9 }),
        (seed, rows, width, classes) => {
          const gallery = normalRows(`${seed}`, rows, width, whole);
          const labels = randomLabels(`${seed}`, rows, classes);
          labels[1] = labels[0] ?? 0;
          expectNaive({ gallery, query: gallery, labels });
        },
      ),
      { seed: 21, numRuns: 60 },
    );
  });

  test("one point many times: gallery order decides", () => {
    const gallery = matrix(30, 2);
    expectNaive({ gallery, query: gallery, labels: randomLabels("one point", 30, 4) });
  });
});

test("the definition's worked case: R = 10 with the first found, or the last", () => {
  const others = (place: number): Uint32Array => Uint32Array.from({ length: 10 }, (_, k) => (k === place ? 90 : 0));
  expect(precisionAtR(others(1))).toEqual({ rPrecision: 1 / 10, averagePrecisionAtR: 1 / 10 });
  expect(precisionAtR(Uint32Array.of(9, 90, 0, 0, 0, 0, 0, 0, 0, 0))).toEqual({
    rPrecision: 1 / 10,
    averagePrecisionAtR: 1 / 100,
  });
  expect(precisionAtR(others(10))).toEqual({ rPrecision: 1, averagePrecisionAtR: 1 });
});
