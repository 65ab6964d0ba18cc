import { describe, expect, test } from "vitest";
import { random } from "../../lib/core/random";
import { clusterSums, seedsAlone } from "../../lib/statistics/cluster-sums";
import { drawsFor, estimatedMean, pAbove } from "../../lib/statistics/estimate";
import { holmAdjusted } from "../../lib/statistics/holm";
import { seedsNeeded } from "../../lib/statistics/seeds-needed";

/** Which hypotheses Holm rejects at a level, as his paper tells it: the smallest first, until one stays. */
function rejected(pValues: readonly number[], level: number): readonly boolean[] {
  const left = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const stops = left.findIndex(({ p }, rank) => p > level / (pValues.length - rank));
  const gone = new Set(left.slice(0, stops < 0 ? left.length : stops).map(({ index }) => index));
  return pValues.map((_, index) => gone.has(index));
}

describe("holmAdjusted", () => {
  test("rejects what stepping down by hand rejects", () => {
    const stream = random("holm");
    for (let i = 0; i < 200; i++) {
      const pValues = Array.from({ length: 1 + stream.integer(8) }, () => stream.uniform() ** 4);
      const level = stream.uniform(0.01, 0.2);
      expect(holmAdjusted(pValues).map((p) => p <= level)).toEqual(rejected(pValues, level));
    }
  });

  test("is the textbook's example, and nothing of nothing", () => {
    expect(holmAdjusted([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holmAdjusted([])).toEqual([]);
  });
});

describe("seedsNeeded", () => {
  const of = (values: readonly number[]) => estimatedMean(seedsAlone(values), null);

  /** Drawn normals of mean `effect` and deviation 1: the share of runs of n seeds that a t test tells from 0. */
  function simulatedPower(effect: number, n: number, level: number): number {
    const stream = random(`power of ${n}`);
    const runs = Array.from({ length: 2000 }, () => of(Array.from({ length: n }, () => effect + stream.normal())));
    return runs.filter((run) => (pAbove(run, 0) ?? 1) <= level).length / runs.length;
  }

  test.each([0.025, 0.0025])("is where a t test at %f has a power of 80 %%", (level) => {
    // A mean of 1 and a deviation of 1: not told by five seeds.
    const spread = [1 - Math.SQRT2, 1, 1, 1, 1 + Math.SQRT2];
    const needed = seedsNeeded(of(spread), 0, level) ?? 0;
    expect(needed).toBeGreaterThan(5);
    expect(simulatedPower(1, needed, level)).toBeGreaterThan(0.77);
    expect(simulatedPower(1, needed - 1, level)).toBeLessThan(0.83);
    expect(seedsNeeded(of(spread.map((each) => -each)), 0, level)).toBe(needed);
  });

  test("grows with the square of the spread, and is what there is where that tells it", () => {
    const wide = seedsNeeded(of([0, 1, 2]), 0.9, 0.025) ?? 0;
    expect(seedsNeeded(of([0, 1, 2]), 0.95, 0.025) ?? 0).toBeGreaterThan(3.9 * wide);
    expect(seedsNeeded(of([0, 1, 2]), -100, 0.025)).toBe(3);
  });

  test("is unknown for one seed or no distance, and where classes leave more open than seeds", () => {
    expect(seedsNeeded(of([0, 1, 2]), 1, 0.025)).toBeNull();
    expect(seedsNeeded(of([1]), 0, 0.025)).toBeNull();
    // Two classes, alike with every seed: of resamples a quarter has the worse one alone.
    const sample = clusterSums(
      Array.from({ length: 5 }, (_, seed) => ({ values: [4 + 0.01 * seed, -2], classes: [0, 1] })),
    );
    expect(seedsNeeded(estimatedMean(sample, drawsFor(sample)), 0, 0.025)).toBeNull();
  });
});
