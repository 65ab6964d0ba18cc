import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Matrix, matrix, row, selectRows } from "../../../../lib/core/matrix";
import type { RetrievalInput } from "../../../../lib/retrieval/input";
import { normalRows, randomLabels } from "../../normal-rows";
import { evaluateItems } from "../../same-items";

/**
 * Rank of the nearest relevant item by sorting: equal distances in gallery order, 0 if there is
 * none.
 */
function naiveFirstMatch(
  { gallery, query, labels, queryLabels = labels, excludeSelf = true }: RetrievalInput,
  i: number,
) {
  const distance = (item: number): number =>
    row(gallery, item).reduce((sum, value, c) => sum + (value - (row(query, i)[c] ?? 0)) ** 2, 0);
  const items = Array.from({ length: gallery.rows }, (_, item) => ({ item, distance: distance(item) }));
  const order = items.filter(({ item }) => !(excludeSelf && item === i));
  order.sort((a, b) => a.distance - b.distance || a.item - b.item);
  return order.findIndex(({ item }) => labels[item] === queryLabels[i]) + 1;
}

function expectFirstMatches(input: RetrievalInput): void {
  const { firstMatch } = evaluateItems(input).perQuery;
  expect([...firstMatch]).toEqual(Array.from(firstMatch, (_, i) => naiveFirstMatch(input, i)));
}

/** One query of class 1 at 0; item i lies at positions[i] and has labels[i]. */
function line(positions: readonly number[], labels: readonly number[]): RetrievalInput {
  const gallery = matrix(positions.length, 1, Float32Array.from(positions));
  return { gallery, query: matrix(1, 1), labels, queryLabels: [1], excludeSelf: false };
}

const mapped = (source: Matrix, by: (value: number, at: number) => number): Matrix =>
  matrix(source.rows, source.columns, source.data.map(by));

describe("the rank of the nearest relevant item equals its naive twin's", () => {
  test("whole numbers, hence ties between different points", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 4, max: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (seed, rows, width) => {
          const gallery = normalRows(`${seed}`, rows, width, true);
          const labels = randomLabels(`${seed}`, rows, 6);
          labels[1] = labels[0] ?? 0;
          expectFirstMatches({ gallery, query: gallery, labels });
        },
      ),
      { seed: 7, numRuns: 80 },
    );
  });

  test("two models whose labels need not agree: the item itself may be of another class", () => {
    const queryLabels = randomLabels("query", 200, 8);
    const labels = randomLabels("gallery", 200, 8);
    expectFirstMatches({ gallery: normalRows("old", 200, 16), query: normalRows("new", 200, 16), labels, queryLabels });
  });

  test("the smallest and the largest numbers, and queries that lie far from the gallery", () => {
    const gallery = normalRows("extremes", 60, 5);
    const labels = randomLabels("extremes", 60, 6);
    for (const [scale, shift] of [
      [1e-30, 0],
      [1e30, 0],
      [1, 3e4],
    ] as const) {
      const query = mapped(gallery, (value) => value * scale + shift);
      expectFirstMatches({ gallery: mapped(gallery, (value) => value * scale), query, labels });
    }
  });

  test("several blocks of products, every point many times in all of them", () => {
    const rows = 3000;
    const gallery = selectRows(normalRows("blocks", 300, 24), randomLabels("copies", rows, 300));
    const labels = randomLabels("blocks", rows, 40);
    const input = { gallery, query: gallery, labels };
    const { firstMatch } = evaluateItems(input).perQuery;
    for (const i of [0, 1, 698, 699, 1500, 2998, 2999]) expect(firstMatch[i]).toBe(naiveFirstMatch(input, i));
  });
});

describe("closed forms", () => {
  test("relevant items last: precision k / (others + k)", () => {
    const { top1, top5, mAP, perQuery } = evaluateItems(line([1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 0, 0, 1, 1, 1]));
    expect([top1, top5, perQuery.firstMatch[0]]).toEqual([0, 0, 6]);
    expect(mAP).toBeCloseTo((1 / 6 + 2 / 7 + 3 / 8) / 3, 14);
  });

  test("one distance for all: precision is the share of relevant items, ranks go by gallery order", () => {
    const { mAP, perQuery } = evaluateItems(line([1, -1, 1, -1, 1, 1, -1, 1], [0, 0, 0, 1, 0, 1, 0, 0]));
    expect(mAP).toBe(2 / 8);
    expect(perQuery.firstMatch[0]).toBe(4);
  });

  test("queries without a relevant item count in no mean", () => {
    const gallery = matrix(4, 1, Float32Array.of(0, 1, 2, 3));
    const { queries, skipped, mAP, perQuery } = evaluateItems({ gallery, query: gallery, labels: [5, 6, 5, 7] });
    expect({ queries, skipped }).toEqual({ queries: 2, skipped: 2 });
    expect([...perQuery.firstMatch]).toEqual([2, 0, 3, 0]);
    expect([...perQuery.averagePrecision]).toEqual([1 / 2, Number.NaN, 1 / 3, Number.NaN]);
    expect(mAP).toBeCloseTo(5 / 12, 14);
  });
});

describe("properties", () => {
  const gallery = normalRows("properties", 240, 12);
  const labels = randomLabels("properties", 240, 15);

  test("a common rotation and shift changes no rank", () => {
    const moved = mapped(rotated(gallery), (value) => value + 3);
    const result = evaluateItems({ gallery: moved, query: moved, labels });
    const base = evaluateItems({ gallery, query: gallery, labels });
    expect(result.perQuery.firstMatch).toEqual(base.perQuery.firstMatch);
    expect(result.mAP).toBeCloseTo(base.mAP, 6);
  });

  test("cosine distance orders as L2 distance of rows of length 1 does", () => {
    const lengths = Float64Array.from({ length: 240 }, (_, i) => Math.hypot(...row(gallery, i)));
    const unit = mapped(gallery, (value, at) => value / (lengths[Math.floor(at / 12)] ?? 1));
    const cosine = evaluateItems({ gallery, query: gallery, labels, distance: "cosine" });
    expect(cosine.perQuery.firstMatch).toEqual(
      evaluateItems({ gallery: unit, query: unit, labels }).perQuery.firstMatch,
    );
  });

  test("a relevant item that comes nearer step by step never lowers average precision", () => {
    const others = Array.from({ length: 30 }, (_, i) => 1 + (i % 12));
    const classes = others.map((_, i) => (i % 7 === 0 ? 1 : 0));
    // Two relevant items at one distance would share a precision, which parting them can lower.
    const free = (position: number): boolean => !others.some((other, i) => other === position && classes[i] === 1);
    const values = Array.from({ length: 57 }, (_, i) => 14 - i / 4)
      .filter(free)
      .map((position) => evaluateItems(line([...others, position], [...classes, 1])).mAP);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1] ?? 0);
    expect(values.at(-1)).toBeGreaterThan((values[0] ?? 1) + 0.1);
  });
});

/**
 * Rotates every pair of neighbouring columns by its own angle, then by another the pairs between.
 */
function rotated({ rows, columns, data }: Matrix): Matrix {
  const turned = Float64Array.from(data);
  for (const shift of [0, 1]) {
    for (let at = shift; at + 1 < turned.length; at += 2) {
      const angle = (at % columns) + 1;
      if (angle === columns) continue;
      const [x, y] = [turned[at] ?? 0, turned[at + 1] ?? 0];
      turned[at] = x * Math.cos(angle) - y * Math.sin(angle);
      turned[at + 1] = x * Math.sin(angle) + y * Math.cos(angle);
    }
  }
  return matrix(rows, columns, Float32Array.from(turned));
}

describe("refusals", () => {
  const gallery = normalRows("refusals", 6, 3);
  const good: RetrievalInput = { gallery, query: gallery, labels: [0, 0, 1, 1, 2, 2] };

  test.each<[string, Partial<RetrievalInput>, RegExp]>([
    ["query label count", { queryLabels: [0, 1] }, /queryLabels: .* 6 .* got 2/],
    ["fractional label", { labels: [0, 0, 1.5, 1, 2, 2] }, /labels\[2\]: .* 1\.5/],
    ["unknown distance", { distance: "l1" as "l2" }, /distance: .* l2, cosine, got l1/],
    ["no match at all", { labels: [0, 1, 2, 3, 4, 5] }, /labels: .* 6 queries .* none/],
  ])("%s", (_, change, message) => {
    expect(() => evaluateItems({ ...good, ...change })).toThrow(message);
  });

  test("a row of zeros has no direction, but a distance", () => {
    const zero = mapped(gallery, (value, at) => (at >= 9 && at < 12 ? 0 : value));
    expect(() => evaluateItems({ ...good, gallery: zero, distance: "cosine" })).toThrow("gallery row 3 is all zeros");
    expectFirstMatches({ ...good, gallery: zero, query: zero });
  });
});
