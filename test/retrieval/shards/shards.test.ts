import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../../../lib/core/matrix";
import { distances } from "../../../lib/retrieval/input";
import { rankGallery } from "../../../lib/retrieval/rank";
import { mergeShards } from "../../../lib/retrieval/shards/merge-shards";
import { mergedNearest } from "../../../lib/retrieval/shards/nearest-lists";
import { countShard, measureShard, type ShardSearch } from "../../../lib/retrieval/shards/shard-search";
import { memorySource } from "../../core/memory-source";
import { normalRows, randomLabels } from "../normal-rows";

interface Search {
  readonly gallery: Matrix;
  readonly query: Matrix;
  readonly labels: Int32Array;
  readonly queryLabels: Int32Array;
  readonly excludeSelf: boolean;
  readonly distance: (typeof distances)[number];
}

/** What is found shard by shard; `cuts` are the first rows of the second and later shards. */
async function inShards(
  search: Search,
  cuts: readonly number[],
  { ks, memory }: { ks: readonly number[]; memory: number },
) {
  const { gallery, labels, ...rest } = search;
  const edges = [0, ...cuts, gallery.rows];
  const shards = edges.slice(1).map((end, i): ShardSearch => {
    const first = edges[i] ?? 0;
    const rows = matrix(
      end - first,
      gallery.columns,
      gallery.data.slice(first * gallery.columns, end * gallery.columns),
    );
    return { ...rest, shard: memorySource("shard", rows), labels: labels.slice(first, end), first, memory };
  });
  const measured = await Promise.all(shards.map((shard) => measureShard(shard)));
  const counted = [];
  for (const shard of shards) counted.push(await countShard(shard, measured, { k: Math.max(0, ...ks) }));
  return mergeShards({ measured, counted, ks });
}

const searches = fc
  .record({
    name: fc.string(),
    items: fc.integer({ min: 6, max: 70 }),
    queries: fc.integer({ min: 1, max: 30 }),
    // Whole numbers give many equal distances.
    whole: fc.boolean(),
    excludeSelf: fc.boolean(),
    distance: fc.constantFrom(...distances),
    memory: fc.constantFrom(3000, 2 ** 30),
    places: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
  })
  .map(({ name, items, queries, whole, excludeSelf, distance, memory, places }) => {
    const gallery = normalRows(name, items, 4, whole && distance === "l2");
    const labels = randomLabels(name, items, 4);
    const query = excludeSelf ? gallery : normalRows(`${name} queries`, queries, 4, whole && distance === "l2");
    const queryLabels = excludeSelf ? labels : randomLabels(`${name} queries`, queries, 5);
    const cuts = [...new Set(places.map((place) => 1 + Math.floor(place * (items - 2))))].sort((a, b) => a - b);
    return { search: { gallery, query, labels, queryLabels, excludeSelf, distance }, cuts, memory };
  });

describe("a gallery in shards", () => {
  it("gives the numbers of the whole gallery to the bit, however it is cut, with equal distances too", async () => {
    await fc.assert(
      fc.asyncProperty(searches, async ({ search, cuts, memory }) => {
        const ks = [1, 3, 5];
        const { labels, queryLabels, excludeSelf } = search;
        const rivals = (label: number): number => labels.filter((each) => each === label).length - Number(excludeSelf);
        fc.pre(queryLabels.some((label) => rivals(label) > 0));
        const expected = rankGallery({ ...search, ks });
        const found = await inShards(search, cuts, { ks, memory });
        expect(found.result).toEqual(expected.result);
        expect(found.ranking).toEqual(expected);
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it("gives them without lists", async () => {
    const gallery = normalRows("gallery", 50, 3);
    const labels = randomLabels("gallery", 50, 3);
    const search = { gallery, query: gallery, labels, queryLabels: labels, excludeSelf: true, distance: "l2" as const };
    const found = await inShards(search, [20], { ks: [], memory: 2 ** 20 });
    expect(found).toEqual({ result: rankGallery({ ...search, ks: [1] }).result, ranking: null });
  });

  it("tells how far a search is, and ends at 1", async () => {
    const rows = normalRows("rows", 40, 3);
    const labels = randomLabels("rows", 40, 2);
    const shares: number[] = [];
    const onProgress = (share: number): void => void shares.push(share);
    const search = {
      query: rows,
      queryLabels: labels,
      shard: memorySource("shard", rows),
      labels,
      first: 0,
      excludeSelf: false,
    };
    const options = { distance: "l2", memory: 4000, onProgress } as const;
    const measured = await measureShard({ ...search, ...options });
    await countShard({ ...search, ...options }, [measured]);
    expect(shares.length).toBeGreaterThan(3);
    expect(shares.at(-1)).toBe(1);
    expect(shares.every((share) => share > 0 && share <= 1)).toBe(true);
  });

  it("refuses what does not belong together", async () => {
    const rows = normalRows("rows", 8, 3);
    const labels = randomLabels("rows", 8, 2);
    const search: ShardSearch = {
      ...{ query: rows, queryLabels: labels, shard: memorySource("shard", rows), labels, first: 0, excludeSelf: false },
      ...{ distance: "l2", memory: 4000 },
    };
    await expect(measureShard({ ...search, labels: labels.slice(1) })).rejects.toThrow(
      /8 labels, one for each shard row/,
    );
    await expect(measureShard({ ...search, query: normalRows("wide", 8, 4) })).rejects.toThrow(
      /3 dimensions like gallery/,
    );
    await expect(measureShard({ ...search, memory: 0 })).rejects.toThrow(/memory: expected a number above 0, got 0/);
    // Gallery rows are counted in 32 bits.
    const last = await measureShard({ ...search, first: 2 ** 31 - 8 });
    expect([Math.min(...last.items), Math.max(...last.items)]).toEqual([2 ** 31 - 8, 2 ** 31 - 1]);
    for (const first of [2 ** 31 - 7, -1, 0.5]) {
      const beyond = /first row of the shard: expected a whole number from 0 to 2147483640, got/;
      await expect(measureShard({ ...search, first })).rejects.toThrow(beyond);
      await expect(countShard({ ...search, first }, [last])).rejects.toThrow(beyond);
    }
    const measured = await measureShard(search);
    expect(() => mergeShards({ measured: [measured], counted: [], ks: [] })).toThrow(/1 like the measured ones.*got 0/);
  });
});

it("lists are merged by distance, then by gallery row", () => {
  const list = (items: readonly number[], squared: readonly number[]) => ({
    items: Int32Array.from(items),
    squaredDistances: Float64Array.from(squared),
  });
  const merged = mergedNearest([list([5, 9], [1, 2]), list([], []), list([3, 4, 7], [1, 2, 2])], 4);
  expect(merged).toEqual(list([3, 5, 4, 7], [1, 1, 2, 2]));
});
