import { describe, expect, it } from "vitest";
import { random } from "../../lib/core/random";
import { epochBatches, orderedBatches } from "../../lib/data/batches";

const batches = (count: number, batchSize: number): readonly Int32Array[] =>
  epochBatches({ count, batchSize, random: random(5, count) });
const sizes = (cut: readonly Int32Array[]): number[] => cut.map(({ length }) => length);
const sorted = (cut: readonly Int32Array[]): number[] => cut.flatMap((batch) => [...batch]).sort((a, b) => a - b);
const range = (count: number): number[] => [...Array(count).keys()];

describe("epochBatches", () => {
  it("holds every item once, for many counts and sizes", () => {
    for (const count of [1, 2, 3, 7, 8, 9, 64, 65, 100]) {
      for (const batchSize of [1, 2, 4, 8, 64, 200]) expect(sorted(batches(count, batchSize))).toEqual(range(count));
    }
  });

  it("keeps a smaller last batch, but lets a single item join the batch before", () => {
    expect(sizes(batches(10, 4))).toEqual([4, 4, 2]);
    expect(sizes(batches(9, 4))).toEqual([4, 5]);
    expect(sizes(batches(8, 4))).toEqual([4, 4]);
    expect(sizes(batches(1, 4))).toEqual([1]);
    expect(sizes(batches(3, 1))).toEqual([1, 1, 1]);
  });

  it("shuffles by the stream alone", () => {
    expect(batches(50, 8)).toEqual(batches(50, 8));
    expect(batches(50, 8)).not.toEqual(epochBatches({ count: 50, batchSize: 8, random: random(6, 50) }));
    expect(batches(50, 50)[0]).not.toEqual(Int32Array.from(range(50)));
  });

  it("refuses sizes that are none", () => {
    expect(() => batches(0, 4)).toThrow(/^count: .*at least 1, got 0$/);
    expect(() => batches(4, 1.5)).toThrow(/^batch size: .*at least 1, got 1.5$/);
  });
});

describe("orderedBatches", () => {
  it("cuts in order and keeps even a single last item apart", () => {
    expect(orderedBatches(5, 2)).toEqual([Int32Array.of(0, 1), Int32Array.of(2, 3), Int32Array.of(4)]);
    expect(orderedBatches(2, 5)).toEqual([Int32Array.of(0, 1)]);
  });
});
