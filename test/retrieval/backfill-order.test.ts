import { describe, expect, test } from "vitest";
import { matrix, row } from "../../lib/core/matrix";
import { type BackfillOrder, backfillOrder } from "../../lib/retrieval/backfill-order";
import { normalRows, randomLabels } from "./normal-rows";

/** Takes the largest of what is left, again and again, the first of equals. */
function naiveDescending(scores: readonly number[]): number[] {
  const left = [...scores.keys()];
  return scores.map(() => {
    const largest = left.reduce((best, i) => ((scores[i] ?? 0) > (scores[best] ?? 0) ? i : best));
    left.splice(left.indexOf(largest), 1);
    return largest;
  });
}

const squared = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, c) => sum + (value - (b[c] ?? 0)) ** 2, 0);

describe("backfillOrder", () => {
  test("random: a permutation that the seed names", () => {
    const order = backfillOrder(50, { kind: "random", seed: 1 });
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    expect(backfillOrder(50, { kind: "random", seed: 1 })).toEqual(order);
    expect(backfillOrder(50, { kind: "random", seed: 2 })).not.toEqual(order);
  });

  test("uncertainty: the largest log variance first, equal ones in gallery order", () => {
    const logVariance = Float32Array.of(-1, 3, -7, 3, 0, -1);
    expect([...backfillOrder(6, { kind: "uncertainty", logVariance })]).toEqual([1, 3, 4, 0, 5, 2]);
    const many = normalRows("variance", 1, 80, true).data;
    expect([...backfillOrder(80, { kind: "uncertainty", logVariance: many })]).toEqual(naiveDescending([...many]));
  });

  test("oracle: the largest error first", () => {
    const gallery = normalRows("old", 60, 3, true);
    const next = normalRows("new", 60, 3, true);
    const errors = Array.from({ length: 60 }, (_, i) => squared(row(gallery, i), row(next, i)));
    expect([...backfillOrder(60, { kind: "true-distance", gallery, next })]).toEqual(naiveDescending(errors));
  });

  test("class-mean: the farthest from the mean of its class first", () => {
    const gallery = normalRows("old", 60, 4);
    const labels = randomLabels("old", 60, 7);
    const scores = Array.from(labels, (label, i) => {
      const members = [...labels.keys()].filter((j) => labels[j] === label);
      const sums = members.reduce((total, j) => total.map((sum, c) => sum + (row(gallery, j)[c] ?? 0)), [0, 0, 0, 0]);
      const mean = sums.map((sum) => sum / members.length);
      return squared(row(gallery, i), mean);
    });
    expect([...backfillOrder(60, { kind: "class-mean", gallery, labels })]).toEqual(naiveDescending(scores));
  });

  const gallery = normalRows("refusals", 3, 2);
  test.each<[BackfillOrder, RegExp]>([
    [{ kind: "uncertainty", logVariance: Float32Array.of(1, 2) }, /logVariance: .* 3 items, got 2/],
    [{ kind: "uncertainty", logVariance: Float32Array.of(1, Number.NaN, 2) }, /logVariance\[1\]: .* NaN/],
    [{ kind: "true-distance", gallery, next: matrix(3, 3) }, /next: .* 3 x 2 .* 3 x 3/],
    [{ kind: "true-distance", gallery: matrix(2, 2), next: matrix(2, 2) }, /gallery: .* 3 items, got 2/],
    [{ kind: "class-mean", gallery, labels: [0, 1] }, /labels: .* 3 .* got 2/],
    [{ kind: "random", seed: 0.5 }, /seed: .*whole number.* got 0\.5/],
    [{ kind: "random", seed: 0, permutation: -1 }, /permutation: .*whole number.* got -1/],
  ])("refuses %j", (order, message) => {
    expect(() => backfillOrder(3, order)).toThrow(message);
  });

  test("refuses a number of items that is none", () => {
    expect(() => backfillOrder(-2, { kind: "random", seed: 0 })).toThrow(/items: .*whole number.* got -2/);
  });
});
