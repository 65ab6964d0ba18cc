import { expect, it } from "vitest";
import { drawnUpdate } from "../../lib/gallery/drawn-update";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";

const drawn = drawnUpdate({ items: 3000, queries: 200 });

it("is the same again with the same seed, and another with another", () => {
  expect(drawnUpdate({ items: 3000, queries: 200 })).toEqual(drawn);
  expect(drawnUpdate({ items: 3000, queries: 200, seed: 1 }).old.data).not.toEqual(drawn.old.data);
});

it("has a new model that finds more than the old one, which cannot read its vectors", () => {
  const { labels, old, next, queries } = drawn;
  const top1 = (gallery: typeof old, query: typeof old): number =>
    evaluateRetrieval({ gallery, query, labels, queryLabels: queries.labels }).top1;
  expect(top1(next, queries.next)).toBeGreaterThan(top1(old, queries.old) + 0.1);
  expect(top1(old, queries.next)).toBeLessThan(0.1);
});
