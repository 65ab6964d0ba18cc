import { describe, expect, it } from "vitest";
import type { Matrix } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { type RankInput, type Ranking, rankGallery } from "../../lib/retrieval/rank";
import { normalRows, randomLabels } from "./normal-rows";

/** The measures as their definitions say, by sorting everything. */
function naive(input: RankInput, k: number) {
  const { gallery, query, labels, queryLabels = labels, groups, distance } = input;
  const row = ({ columns, data }: Matrix, i: number): number[] => [...data.subarray(i * columns, (i + 1) * columns)];
  const dot = (a: number[], b: number[]): number => a.reduce((sum, x, c) => sum + x * (b[c] as number), 0);
  const listed = (label: unknown): number[] => (Array.isArray(label) ? label : [label as number]);
  const found = Array.from({ length: query.rows }, (_, q) => {
    const isRelevant = (item: number) => listed(queryLabels[q]).some((label) => listed(labels[item]).includes(label));
    const near = (item: number): number => {
      const [a, b] = [row(query, q), row(gallery, item)];
      if (distance === "dot") return -dot(a, b);
      const unit = (v: number[]) => (distance === "cosine" ? v.map((x) => x / Math.sqrt(dot(v, v))) : v);
      const [u, v] = [unit(a), unit(b)];
      return u.reduce((sum, x, c) => sum + (x - (v[c] as number)) ** 2, 0);
    };
    const items = Array.from({ length: gallery.rows }, (__, item) => item).filter((item) => {
      const isJunk = groups !== undefined && groups.query[q] === groups.gallery[item] && isRelevant(item);
      return !(input.excludeSelf && item === q) && !isJunk;
    });
    items.sort((a, b) => near(a) - near(b) || a - b);
    const hits = items.map((item) => Number(isRelevant(item)));
    const total = hits.filter((hit) => hit === 1).length;
    if (total === 0) return null;
    const top = hits.slice(0, k);
    const gain = (list: number[]) => list.reduce((sum, hit, i) => sum + hit / Math.log2(i + 2), 0);
    const thresholds = items.map(near);
    const precisionAt = (i: number) => {
      const upTo = thresholds.filter((value) => value <= (thresholds[i] as number)).length;
      return hits.slice(0, upTo).filter((hit) => hit === 1).length / upTo;
    };
    return {
      recall: top.filter((hit) => hit === 1).length / total,
      precision: top.filter((hit) => hit === 1).length / k,
      ndcg: gain(top) / gain(hits.toSorted((a, b) => b - a).slice(0, k)),
      reciprocal: 1 / (1 + hits.indexOf(1)),
      averagePrecision: hits.reduce((sum, hit, i) => sum + hit * precisionAt(i), 0) / total,
      items: items.slice(0, k),
    };
  });
  return found;
}

function expectNaive(ranking: Ranking, input: RankInput, k: number): void {
  naive(input, k).forEach((one, q) => {
    const found = ranking.atK.get(k)?.[q] ?? null;
    expect(found === null).toBe(one === null);
    if (one === null || found === null) return;
    expect(found.recall).toBeCloseTo(one.recall, 12);
    expect(found.precision).toBeCloseTo(one.precision, 12);
    expect(found.ndcg).toBeCloseTo(one.ndcg, 12);
    expect(ranking.reciprocalRank[q]).toBeCloseTo(one.reciprocal, 12);
    expect(ranking.result.perQuery.averagePrecision[q]).toBeCloseTo(one.averagePrecision, 12);
    expect([...(ranking.lists[q]?.items ?? [])].slice(0, k)).toEqual(one.items);
  });
}

const [gallery, query] = [normalRows("gallery", 60, 3, true), normalRows("query", 25, 3, true)];
const labels = randomLabels("gallery", 60, 7);
const queryLabels = randomLabels("query", 25, 8);
const stream = random("rank");
const sets = (items: number): number[][] =>
  Array.from({ length: items }, () => Array.from({ length: stream.integer(3) }, () => stream.integer(6)));

describe("a ranking is what a naive one is, with many equal distances,", () => {
  it.each([
    ["by L2 distance", {}],
    ["by cosine", { gallery: normalRows("real", 60, 3), query: normalRows("asked", 25, 3), distance: "cosine" }],
    ["by dot product", { distance: "dot" }],
    ["with several labels or none", { labels: sets(60), queryLabels: sets(25) }],
    ["with groups left out", { groups: { gallery: randomLabels("g", 60, 3), query: randomLabels("q", 25, 3) } }],
    ["of a gallery in itself", { query: gallery, queryLabels: labels, excludeSelf: true }],
    [
      "of a gallery in itself by dot product",
      { query: gallery, queryLabels: labels, excludeSelf: true, distance: "dot" },
    ],
  ] as const)("%s", (_, changes) => {
    const ks = [1, 4, 17];
    const input: RankInput = { gallery, query, labels, queryLabels, ...changes, ks };
    const ranking = rankGallery(input);
    for (const k of ks) expectNaive(ranking, input, k);
  });
});

it("has the measures of an evaluation, to the bit, by both ways", () => {
  const input = { gallery, query, labels, queryLabels };
  const expected = evaluateRetrieval(input);
  expect(rankGallery(input).result).toEqual(expected);
  const listed = (side: Int32Array): readonly number[][] => Array.from(side, (label) => [label]);
  expect(rankGallery({ ...input, labels: listed(labels), queryLabels: listed(queryLabels) }).result).toEqual(expected);
});

it.each([
  [{ ks: [0] }, /k: expected a whole number from 1 to 60, got 0/],
  [{ ks: [] }, /ks: expected at least one number, got none/],
  [{ labels: labels.subarray(1) }, /labels: expected 60 labels, one for each gallery row, got 59/],
  [{ labels: [[1]] }, /labels: expected 60 lists of labels, one for each gallery row, got 1/],
  ...(["l2", "dot"] as const).flatMap((distance): [object, RegExp][] => [
    [{ distance, labels: Array(60).fill(Number.NaN) }, /labels\[0\]: expected an integer, got NaN/],
    [{ distance, queryLabels: Array(25).fill("1") }, /queryLabels\[0\]: expected an integer \(number the classes/],
    [{ distance, labels: Array(60).fill(Int32Array.of(1)) }, /labels\[0\]: expected an integer \(pass the class/],
    [{ distance, labels: Array(60).fill([0.5]) }, /labels\[0\]: expected a list of integers, got 0.5/],
    [{ distance, labels: [[1], ...Array(59).fill(1)] }, /labels\[1\]: expected a list of integers, got 1/],
  ]),
  [{ groups: { gallery: Array(60).fill(Number.NaN), query: [] } }, /gallery groups\[0\]: expected an integer, got NaN/],
  [{ groups: { gallery: [1], query: [1] } }, /gallery groups: expected 60/],
  [{ distance: "max" as "dot" }, /distance: expected one of l2, cosine, dot, got max/],
])("refuses what has no meaning: %j", (changes, says) => {
  expect(() => rankGallery({ gallery, query, labels, queryLabels, ...changes })).toThrow(says);
});
