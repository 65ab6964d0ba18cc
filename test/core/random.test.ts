import { describe, expect, test } from "vitest";
import { type Random, random } from "../../lib/core/random";

const many = 40_000;
const draws = (draw: () => number): readonly number[] => Array.from({ length: many }, () => draw());
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const moment = (values: readonly number[], power: number): number => mean(values.map((value) => value ** power));

/** Counts of values in [0, 1) in `cells` equal cells, as the chi-squared statistic against the uniform distribution. */
function chiSquared(values: readonly number[], cells: number): number {
  const counts = new Array<number>(cells).fill(0);
  for (const value of values) counts[Math.floor(value * cells)] = (counts[Math.floor(value * cells)] ?? 0) + 1;
  const expected = values.length / cells;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = mean(a.map((value, i) => (value - meanA) * ((b[i] ?? 0) - meanB)));
  return product / Math.sqrt((moment(a, 2) - meanA ** 2) * (moment(b, 2) - meanB ** 2));
}

describe("a stream", () => {
  test("never changes silently: every trained weight depends on it", () => {
    const stream = random(0, "a", 1);
    expect([stream.uniform(), stream.uniform(-1, 1), stream.normal(), stream.integer(1000)]).toEqual([
      0.27754887379705906, 0.8876361227594316, 0.062136697153502944, 156,
    ]);
    expect(Array.from(stream.permutation(8))).toEqual([6, 0, 1, 2, 3, 5, 7, 4]);
    expect([stream.fork(3).uniform(), stream.fork(3).fork(0).normal()]).toEqual([
      0.9408320989459753, -0.10276581863726392,
    ]);
  });

  test("is named by all its names, their order and whether they are numbers", () => {
    const names = [[], [1], ["1"], [1, 1], [11], ["a", "b"], ["b", "a"], ["ab"], ["é", -2.5], [0], [-1]];
    const firsts = names.map((name) => random(...name).uniform());
    expect(new Set(firsts).size).toBe(names.length);
    expect(names.map((name) => random(...name).uniform())).toEqual(firsts);
  });
});

describe("uniform numbers", () => {
  test.each([0, 1, 2])("fill their range evenly, in one and in two dimensions (seed %i)", (seed) => {
    const values = draws(random(seed, "uniform").uniform);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    // Chi-squared with 99 degrees of freedom: 148.2 is exceeded once in a thousand.
    expect(chiSquared(values, 100)).toBeLessThan(149);
    const pairs = values.flatMap((value, i) =>
      i % 2 === 0 ? [(Math.floor(value * 10) + (values[i + 1] ?? 0)) / 10] : [],
    );
    expect(chiSquared(pairs, 100)).toBeLessThan(149);
    expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(0.02);
  });

  test("keep to the given range", () => {
    const stream = random(3, "range");
    const spread = draws(() => stream.uniform(-3, -2));
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(-3);
    expect(Math.max(...spread)).toBeLessThan(-2);
    expect(mean(spread)).toBeCloseTo(-2.5, 1);
  });

  test("as integers hit every value about as often", () => {
    const stream = random(4, "integers");
    const values = draws(() => stream.integer(7));
    expect([...new Set(values)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(
      chiSquared(
        values.map((value) => value / 7),
        7,
      ),
    ).toBeLessThan(22.5);
  });
});

test.each([0, 1, 2])("normal numbers have the normal's moments and tails (seed %i)", (seed) => {
  const values = draws(random(seed, "normal").normal);
  // Four standard errors of each: sqrt(var / n) with var 1, 2, 15, 96.
  expect(Math.abs(mean(values))).toBeLessThan(4 * Math.sqrt(1 / many));
  expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / many));
  expect(Math.abs(moment(values, 3))).toBeLessThan(4 * Math.sqrt(15 / many));
  expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / many));
  const share = (beyond: number): number => values.filter((value) => Math.abs(value) > beyond).length / many;
  expect(share(1)).toBeCloseTo(0.3173, 1.9);
  expect(share(1.96)).toBeCloseTo(0.05, 2);
  expect(values.every(Number.isFinite)).toBe(true);
});

describe("a fork", () => {
  test("draws nothing from its origin, before or after, and does not depend on what the origin drew", () => {
    const [plain, forked] = [random(5, "fork"), random(5, "fork")];
    const first = forked.fork(2).uniform();
    expect([plain.uniform(), plain.normal()]).toEqual([forked.uniform(), forked.normal()]);
    expect(forked.fork(2).uniform()).toBe(first);
  });

  test("is independent of its origin, its neighbours and its own forks", () => {
    const origin = random(6, "independence");
    const streams: readonly Random[] = [
      random(6, "independence"),
      origin.fork(0),
      origin.fork(1),
      origin.fork(2),
      origin.fork(100_000),
      origin.fork(0).fork(1),
      origin.fork(1).fork(0),
    ];
    const values = streams.map((stream) => draws(stream.uniform));
    for (const [i, a] of values.entries()) {
      for (const b of values.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(0.025);
    }
  });

  test("of each index begins elsewhere: first numbers over the indices are uniform and unrelated", () => {
    const origin = random(7, "firsts");
    const firsts = Array.from({ length: many }, (_, index) => origin.fork(index).uniform());
    expect(chiSquared(firsts, 100)).toBeLessThan(149);
    expect(Math.abs(correlation(firsts.slice(1), firsts.slice(0, -1)))).toBeLessThan(0.02);
  });
});

describe("a permutation", () => {
  test.each([0, 1, 2, 17, 1000])("of %i holds each number once", (count) => {
    const order = random(8, "permutation").permutation(count);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test("of three takes each of its six orders about as often", () => {
    const stream = random(9, "orders");
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = stream.permutation(3).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const statistic = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // Chi-squared with 5 degrees of freedom: 20.5 is exceeded once in a thousand.
    expect(statistic).toBeLessThan(20.5);
  });
});
