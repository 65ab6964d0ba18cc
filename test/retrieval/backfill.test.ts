import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Matrix, matrix, row, selectRows } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import type { BackfillCurve } from "../../lib/retrieval/backfill";
import { tf } from "../../lib/tf/tensorflow";
import { normalRows, randomLabels } from "./normal-rows";
import { curveOfItems, evaluateItems } from "./same-items";

type BackfillInput = Parameters<typeof curveOfItems>[0];

/** The first `count` rows of `order` come from `next`. */
function mixed({ gallery, next, order }: BackfillInput, count: number): Matrix {
  const mixture = matrix(gallery.rows, gallery.columns, gallery.data.slice());
  for (const item of order.subarray(0, count)) mixture.data.set(row(next, item), item * gallery.columns);
  return mixture;
}

/** A fresh evaluation of every mixed gallery. */
function naiveCurve(input: BackfillInput): BackfillCurve {
  const { points = 22, order } = input;
  const counts = Array.from({ length: points }, (_, i) => Math.floor((i * order.length) / (points - 1)));
  const results = counts.map((count) => {
    const { labels, query, queryLabels, excludeSelf, distance } = input;
    return evaluateItems({
      gallery: mixed(input, count),
      query,
      labels,
      ...(queryLabels && { queryLabels }),
      ...(excludeSelf === undefined ? {} : { excludeSelf }),
      ...(distance && { distance }),
    });
  });
  return {
    shares: counts.map((count) => count / order.length),
    top1: results.map(({ top1 }) => top1),
    top5: results.map(({ top5 }) => top5),
    mAP: results.map(({ mAP }) => mAP),
  };
}

/** The curve without what each query finds. */
function bareCurve(input: BackfillInput): BackfillCurve {
  const { perQuery: _, ...curve } = curveOfItems(input);
  return curve;
}

const order = (name: string, rows: number): Int32Array => random(name, "order").permutation(rows);

describe("backfillCurve equals a fresh evaluation of every mixed gallery, to the last bit", () => {
  test("random points, any number of rows, classes and points, lonely items included", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 3, max: 70 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 2, max: 30 }),
        (seed, rows, classes, points) => {
          const draw = (name: string): Matrix => normalRows(`${name} ${seed}`, rows, 5);
          const labels = randomLabels(`${seed}`, rows, classes);
          labels[1] = labels[0] ?? 0;
          const input = { gallery: draw("old"), next: draw("new"), query: draw("query"), labels, points };
          const full = { ...input, order: order(`${seed}`, rows) };
          expect(bareCurve(full)).toEqual(naiveCurve(full));
        },
      ),
      { seed: 11, numRuns: 30 },
    );
  });

  test("whole numbers in few dimensions, hence ties within and between both galleries", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 4, max: 60 }),
        fc.integer({ min: 1, max: 3 }),
        (seed, rows, width) => {
          const draw = (name: string): Matrix => normalRows(`${name} ${seed}`, rows, width, true);
          const labels = randomLabels(`${seed}`, rows, 5);
          labels[1] = labels[0] ?? 0;
          const next = draw("new");
          const input = { gallery: draw("old"), next, query: next, labels, points: 9, order: order(`${seed}`, rows) };
          expect(bareCurve(input)).toEqual(naiveCurve(input));
        },
      ),
      { seed: 12, numRuns: 40 },
    );
  });

  test("22 points of 230 duplicated items in large classes", () => {
    const copies = randomLabels("copies", 230, 40);
    const gallery = selectRows(normalRows("old", 40, 24), copies);
    const next = selectRows(normalRows("new", 40, 24), copies);
    const input = { gallery, next, query: next, labels: randomLabels("large", 230, 4), order: order("large", 230) };
    const curve = bareCurve(input);
    expect(curve).toEqual(naiveCurve(input));
    expect(curve.shares).toHaveLength(22);
  });

  test("several blocks of products", () => {
    const [gallery, next] = [normalRows("old", 1700, 6), normalRows("new", 1700, 6)];
    const labels = randomLabels("blocks", 1700, 90);
    const input = { gallery, next, query: next, labels, order: order("blocks", 1700), points: 3 };
    expect(bareCurve(input)).toEqual(naiveCurve(input));
  });

  test.each(["l2", "cosine"] as const)("separate queries of their own labels, distance %s", (distance) => {
    const input = {
      gallery: normalRows("old", 90, 7),
      next: normalRows("new", 90, 7),
      query: normalRows("query", 31, 7),
      labels: randomLabels("gallery", 90, 6),
      queryLabels: randomLabels("query", 31, 8),
      order: order("separate", 90),
      excludeSelf: false,
      points: 5,
      distance,
    };
    expect(bareCurve(input)).toEqual(naiveCurve(input));
  });

  test("galleries far apart, of very different size, or one point", () => {
    const points = normalRows("far", 40, 4);
    const times = (by: number, plus: number): Matrix =>
      matrix(
        40,
        4,
        points.data.map((value) => value * by + plus),
      );
    const labels = randomLabels("far", 40, 5);
    for (const [gallery, next] of [
      [times(1, 0), times(1, 1e4)],
      [times(1e-20, 0), times(1e20, 0)],
      [times(0, 0), times(1, 0)],
      [times(0, 1), times(0, 1)],
    ] as const) {
      const input = { gallery, next, query: next, labels, order: order("far", 40), points: 6 };
      expect(bareCurve(input)).toEqual(naiveCurve(input));
    }
  });
});

test("replacing rows by themselves changes nothing", () => {
  const gallery = normalRows("same", 60, 5);
  const labels = randomLabels("same", 60, 6);
  const { mAP } = curveOfItems({ gallery, next: gallery, query: gallery, labels, order: order("same", 60) });
  expect(new Set(mAP)).toEqual(new Set([evaluateItems({ gallery, query: gallery, labels }).mAP]));
});

test("leaves no tensor behind", () => {
  const gallery = normalRows("memory", 20, 3);
  const before = tf.memory().numTensors;
  curveOfItems({ gallery, next: gallery, query: gallery, labels: randomLabels("m", 20, 3), order: order("m", 20) });
  expect(tf.memory().numTensors).toBe(before);
});

describe("refusals", () => {
  const gallery = normalRows("refusals", 4, 2);
  const good = { gallery, next: gallery, query: gallery, labels: [0, 0, 1, 1], order: Int32Array.of(0, 1, 2, 3) };

  test.each<[Partial<BackfillInput>, RegExp]>([
    [{ points: 1 }, /points: .* at least 2, got 1/],
    [{ points: 2.5 }, /points: .* at least 2, got 2\.5/],
    [{ order: Int32Array.of(0, 1, 2) }, /order: .* 4 gallery rows exactly once, got 3/],
    [{ order: Int32Array.of(0, 1, 2, 4) }, /order\[3\]: .* 0 to 3 exactly once, got 4/],
    [{ order: Int32Array.of(0, 1, 1, 2) }, /order\[2\]: .* 0 to 3 exactly once, got 1/],
    [{ next: matrix(4, 3) }, /next: .* 4 x 2 .* 4 x 3/],
    [{ next: matrix(4, 2, new Float32Array(8).fill(Number.NaN)) }, /next row 0, column 0: .* NaN/],
    [{ next: matrix(4, 2), distance: "cosine" }, /next row 0 .* zeros/],
    [{ labels: [0, 1, 2, 3] }, /labels: .* 4 queries .* none/],
  ])("%j", (change, message) => {
    expect(() => curveOfItems({ ...good, ...change })).toThrow(message);
  });
});

describe("what each query finds on a curve", () => {
  test("is averaged over the points, as the curve is over the queries", () => {
    const rows = 60;
    const [gallery, next, query] = [normalRows("old", rows, 4), normalRows("next", rows, 4), normalRows("q", rows, 4)];
    const labels = Int32Array.from(randomLabels("labels", rows, 9));
    labels[5] = 99;
    const input = { gallery, next, query, labels, order: order("per query", rows), excludeSelf: true };
    const { perQuery: found, ...curve } = curveOfItems(input);
    const mean = (values: ArrayLike<number>): number => {
      const known = Array.from(values).filter((value) => !Number.isNaN(value));
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    };
    expect(found.top1[5]).toBeNaN();
    expect(mean(found.top1)).toBeCloseTo(mean(curve.top1), 12);
    expect(mean(found.top5)).toBeCloseTo(mean(curve.top5), 12);
    expect(mean(found.averagePrecision)).toBeCloseTo(mean(curve.mAP), 12);
  });
});
