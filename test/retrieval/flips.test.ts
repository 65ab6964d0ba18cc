import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Matrix, matrix, row } from "../../lib/core/matrix";
import type { Embeddings } from "../../lib/retrieval/engine/search";
import { retrievalFlips } from "../../lib/retrieval/flips";
import { normalRows, randomLabels } from "./normal-rows";
import { evaluateItems } from "./same-items";

type FlipsInput = Parameters<typeof retrievalFlips>[0];

/** Labels of the other items, nearest first, equal distances in gallery order. */
function naiveAnswers({ gallery, query }: Embeddings, labels: ArrayLike<number>, i: number): number[] {
  const from = row(query, i);
  const distance = (item: number): number =>
    row(gallery, item).reduce((sum, value, c) => sum + (value - (from[c] ?? 0)) ** 2, 0);
  const items = Array.from({ length: gallery.rows }, (_, item) => ({ item, distance: distance(item) }));
  const others = items.filter(({ item }) => item !== i);
  return others.sort((a, b) => a.distance - b.distance || a.item - b.item).map(({ item }) => labels[item] ?? -1);
}

/** Counts, query by query. */
function naiveFlips({ before, after, labels, k = 1 }: FlipsInput): Omit<ReturnType<typeof retrievalFlips>, "classes"> {
  const count = { negative: 0, positive: 0, inconsistent: 0, queries: 0, skipped: 0 };
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? -1;
    const old = naiveAnswers(before, labels, i);
    const now = naiveAnswers(after, labels, i);
    if (!old.includes(label)) {
      count.skipped++;
      continue;
    }
    count.queries++;
    const [was, is] = [old.slice(0, k).includes(label), now.slice(0, k).includes(label)];
    if (was && !is) count.negative++;
    if (!was && is) count.positive++;
    if (now[0] !== label && now[0] !== old[0]) count.inconsistent++;
  }
  const { negative, positive, inconsistent, queries, skipped } = count;
  return {
    negative: negative / queries,
    positive: positive / queries,
    accuracyChange: positive / queries - negative / queries,
    inconsistent: inconsistent / queries,
    queries,
    skipped,
  };
}

const pair = (gallery: Matrix, query: Matrix = gallery): Embeddings => ({ gallery, query });

describe("retrievalFlips", () => {
  test("equals its naive twin, ties and lonely items included", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 6, max: 50 }), fc.integer({ min: 1, max: 5 }), (seed, rows, k) => {
        const points = (name: string, columns: number) => normalRows(`${name} ${seed}`, rows, columns, true);
        const labels = randomLabels(`${seed}`, rows, 8);
        labels[1] = labels[0] ?? 0;
        const before = pair(points("old", 2));
        const after = pair(points("mapped", 3), points("new", 3));
        const { classes, ...flips } = retrievalFlips({ before, after, labels, k });
        expect(flips).toEqual(naiveFlips({ before, after, labels, k }));
        for (const { label, n } of classes) expect(n).toBe(labels.filter((other) => other === label).length);
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  test("agrees with two evaluations: the change of top-k, and top-1 by class", () => {
    const labels = randomLabels("change", 150, 12);
    const before = pair(normalRows("old", 150, 4));
    const after = pair(normalRows("mapped", 150, 6), normalRows("new", 150, 6));
    const old = evaluateItems({ ...before, labels });
    const now = evaluateItems({ ...after, labels });
    const top5 = retrievalFlips({ before, after, labels, k: 5 });
    expect(top5.accuracyChange).toBeCloseTo(now.top5 - old.top5, 12);
    const { classes, negative, positive, inconsistent } = retrievalFlips({ before, after, labels });
    expect(positive - negative).toBeCloseTo(now.top1 - old.top1, 12);
    expect(inconsistent).toBeGreaterThanOrEqual(negative);
    expect(top5.inconsistent).toBe(inconsistent);
    expect(classes.map(({ label }) => label)).toEqual([...new Set(labels)].sort((a, b) => a - b));
    for (const { label, before: share, n } of classes) {
      const right = old.perQuery.firstMatch.filter((rank, i) => labels[i] === label && rank === 1).length;
      expect(share).toBe(right / n);
    }
  });

  test("by hand", () => {
    const labels = [0, 0, 1, 1, 2, 2, 0];
    const place = (...positions: number[]): Embeddings => pair(matrix(7, 1, Float32Array.from(positions)));
    // Classes of the nearest items: 0 0 1 1 2 1 2 before, 0 1 0 0 2 2 1 after.
    const before = place(0, 1, 10, 12, 20, 14.5, 30);
    const after = place(0, 9, 10, 11.75, 40, 41, 12.5);
    expect(retrievalFlips({ before, after, labels })).toEqual({
      negative: 3 / 7,
      positive: 1 / 7,
      accuracyChange: 1 / 7 - 3 / 7,
      inconsistent: 4 / 7,
      queries: 7,
      skipped: 0,
      classes: [
        { label: 0, before: 2 / 3, after: 1 / 3, n: 3 },
        { label: 1, before: 1, after: 0, n: 2 },
        { label: 2, before: 1 / 2, after: 1, n: 2 },
      ],
    });
  });

  test("nothing flips between equals", () => {
    const same = pair(normalRows("same", 80, 3, true));
    const labels = randomLabels("same", 80, 9);
    const { negative, positive, inconsistent } = retrievalFlips({ before: same, after: same, labels });
    expect([negative, positive, inconsistent]).toEqual([0, 0, 0]);
  });

  test("refuses what has no meaning", () => {
    const good = { before: pair(normalRows("a", 4, 2)), after: pair(normalRows("b", 4, 3)), labels: [0, 0, 1, 1] };
    expect(() => retrievalFlips({ ...good, labels: [0, 1, 2, 3] })).toThrow(/labels: .* 4 queries .* none/);
    expect(() => retrievalFlips({ ...good, labels: [0, 0, 1] })).toThrow(/labels: .* 4 .* got 3/);
    expect(() => retrievalFlips({ ...good, k: 4 })).toThrow(/k: .* 1 to 3, got 4/);
    expect(() => retrievalFlips({ ...good, after: pair(normalRows("b", 5, 3)) })).toThrow(/labels: .* 5 .* got 4/);
  });
});
