import { expect, test } from "vitest";
import { type Matrix, row } from "../../lib/core/matrix";
import { neighbourRecall } from "../../lib/retrieval/neighbour-recall";
import { normalRows } from "./normal-rows";

/** The k nearest others of each query, by sorting all distances. */
function naiveNearest(query: Matrix, gallery: Matrix, k: number): readonly (readonly number[])[] {
  return Array.from({ length: query.rows }, (_, q) => {
    const distance = (item: number): number =>
      row(query, q).reduce((sum, value, c) => sum + (value - (row(gallery, item)[c] as number)) ** 2, 0);
    const others = Array.from({ length: gallery.rows }, (_, item) => item).filter((item) => item !== q);
    return others.sort((a, b) => distance(a) - distance(b)).slice(0, k);
  });
}

test("recall of neighbours is the share of one search's nearest items that another finds", () => {
  const [a, b, c] = [normalRows("a", 40, 5), normalRows("b", 40, 5), normalRows("c", 40, 5)];
  const [own, found] = [naiveNearest(a, b, 7), naiveNearest(a, c, 7)];
  const hits = own.flatMap((items, q) => items.filter((item) => found[q]?.includes(item))).length;
  expect(neighbourRecall({ query: a, gallery: b }, { query: a, gallery: c }, 7)).toBe(hits / (40 * 7));
});

test("a search finds all of its own neighbours, and of few items all others", () => {
  const [a, b] = [normalRows("d", 6, 3), normalRows("e", 6, 3)];
  expect(neighbourRecall({ query: a, gallery: b }, { query: a, gallery: b }, 3)).toBe(1);
  expect(neighbourRecall({ query: a, gallery: b }, { query: b, gallery: a }, 10)).toBe(1);
});
