import { describe, expect, test } from "vitest";
import { random } from "../../lib/core/random";
import {
  type ClusterSums,
  clusterSums,
  pairedDifference,
  seedMeans,
  seedsAlone,
} from "../../lib/statistics/cluster-sums";
import {
  type Estimated,
  estimatedMean,
  estimatedRatio,
  interval,
  pAbove,
  pBelow,
  pWithin,
} from "../../lib/statistics/estimate";
import { resampledMeans, twoLevelDraws } from "../../lib/statistics/two-level";

/** Values of queries in crossed classes: a seed, a class and both together have effects. */
function madeUp(
  name: string,
  { seeds, classes, mean = 0 }: { readonly seeds: number; readonly classes: number; readonly mean?: number },
): { readonly values: readonly Float64Array[]; readonly labels: Int32Array } {
  const stream = random(name);
  const draws = (count: number, sd: number): number[] => Array.from({ length: count }, () => sd * stream.normal());
  const perClass = 4;
  const labels = Int32Array.from({ length: classes * perClass }, (_, i) => i % classes);
  const [ofSeed, ofClass] = [draws(seeds, 1), draws(classes, 4)];
  const values = ofSeed.map((effect) => {
    const ofBoth = draws(classes, 2);
    return Float64Array.from(labels, (label) => {
      return mean + effect + (ofClass[label] ?? 0) + (ofBoth[label] ?? 0) + 3 * stream.normal();
    });
  });
  return { values, labels };
}

/** The sums of seeds that are tested on the same queries. */
function alike(values: readonly ArrayLike<number>[], classes: ArrayLike<number>): ClusterSums {
  return clusterSums(values.map((ofSeed) => ({ values: ofSeed, classes })));
}

/** Resampling as it is told: lists of drawn seeds and classes, all queries of which are averaged. */
function naiveMeans(values: readonly ArrayLike<number>[], labels: Int32Array, resamples: number): readonly number[] {
  const stream = random(0, "two-level bootstrap");
  const known = [...new Set(labels)].sort((a, b) => a - b);
  const drawn = <T>(from: readonly T[]): readonly T[] =>
    from.length === 1 ? from : from.map(() => from[stream.integer(from.length)] as T);
  return Array.from({ length: resamples }, () => {
    const [seeds, classes] = [drawn(values), drawn(known)];
    const all = seeds.flatMap((ofSeed) =>
      classes.flatMap((label) => [...labels.keys()].filter((i) => labels[i] === label).map((i) => ofSeed[i] as number)),
    );
    const kept = all.filter((value) => !Number.isNaN(value));
    return kept.reduce((sum, value) => sum + value, 0) / kept.length;
  });
}

describe("resampledMeans", () => {
  test.each([
    [3, 5],
    [1, 6],
    [4, 1],
  ])("is what drawing %i seeds and %i classes by hand gives, skipped queries aside", (seeds, classes) => {
    const { values, labels } = madeUp("naive", { seeds, classes });
    for (const ofSeed of values) ofSeed[2] = Number.NaN;
    const sample = alike(values, labels);
    const fast = resampledMeans(sample, twoLevelDraws(sample, { resamples: 41 }));
    naiveMeans(values, labels, 41).forEach((mean, i) => {
      expect(fast[i]).toBeCloseTo(mean, 10);
    });
  });

  test("refuses a sample of other sizes than were drawn", () => {
    const draws = twoLevelDraws({ seeds: 3, clusters: 5 }, { resamples: 2 });
    expect(() => resampledMeans(seedsAlone([1, 2, 3]), draws)).toThrow(/3 seeds of 5 clusters.*3 seeds of 1/);
    expect(() => twoLevelDraws({ seeds: 3, clusters: 5 }, { resamples: 0 })).toThrow(/resamples.*0/);
  });

  test("takes well under a second for 10 seeds of 242 classes", () => {
    const { values, labels } = madeUp("fast", { seeds: 10, classes: 242 });
    const sample = alike(values, labels);
    const start = performance.now();
    expect(resampledMeans(sample, twoLevelDraws(sample))).toHaveLength(10_000);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe("clusterSums", () => {
  test("keeps means by seed, and refuses what it cannot pair", () => {
    const sample = alike([Float64Array.of(1, 2, Number.NaN), Float64Array.of(3, 5, 7)], Int32Array.of(4, 4, 9));
    expect(sample).toMatchObject({ seeds: 2, clusters: 2, sums: Float64Array.of(3, 0, 8, 7) });
    expect(seedMeans(sample)).toEqual([1.5, 5]);
    expect(() => alike([Float64Array.of(1)], Int32Array.of(1, 2))).toThrow(/2 queries, got 1/);
    expect(() => alike([Float64Array.of(Number.NaN)], Int32Array.of(1))).toThrow(/at least one number/);
    expect(() => alike([], Int32Array.of(1))).toThrow(/no seed/);
  });

  test("are by the classes of each seed's own queries", () => {
    const first = { values: [1, 2, 3], classes: [4, 4, 9] };
    const second = { values: [5, 6, 7], classes: [9, 2, 4] };
    expect(clusterSums([first, second])).toMatchObject({
      clusters: 3,
      sums: Float64Array.of(0, 3, 3, 6, 7, 5),
      counts: Float64Array.of(0, 2, 1, 1, 1, 1),
    });
  });

  test("of differences are differences of the sums", () => {
    const { values, labels } = madeUp("pairs", { seeds: 2, classes: 3 });
    const other = madeUp("other", { seeds: 2, classes: 3 }).values;
    const apart = values.map((ofSeed, seed) => ofSeed.map((value, i) => value - (other[seed]?.[i] ?? 0)));
    const found = pairedDifference(alike(values, labels), alike(other, labels));
    alike(apart, labels).sums.forEach((sum, i) => {
      expect(found.sums[i]).toBeCloseTo(sum, 10);
    });
    expect(() => pairedDifference(seedsAlone([1, 2]), seedsAlone([1]))).toThrow(/same seeds and queries/);
  });
});

/** The mean with draws of its own. */
function drawnMean(sample: ClusterSums, resamples: number): Estimated {
  return estimatedMean(sample, twoLevelDraws(sample, { resamples }));
}

describe("estimates", () => {
  test("cover the truth at least as often as they say, at three, five and ten seeds", () => {
    for (const seeds of [3, 5, 10]) {
      const covered = Array.from({ length: 150 }, (_, i) => {
        const { values, labels } = madeUp(`cover ${seeds} ${i}`, { seeds, classes: 30 });
        const found = interval(drawnMean(alike(values, labels), 400));
        return found !== null && found[0] <= 0 && 0 <= found[1];
      });
      expect(covered.filter(Boolean).length / covered.length, `${seeds} seeds`).toBeGreaterThan(0.92);
    }
  });

  test("agree with each other: a bound outside the interval has a small p-value, one inside a large one", () => {
    for (let i = 0; i < 30; i++) {
      const { values, labels } = madeUp(`agree ${i}`, { seeds: 4, classes: 20, mean: 3 });
      const estimated = drawnMean(alike(values, labels), 999);
      const [low, high] = interval(estimated) ?? [Number.NaN, Number.NaN];
      expect(pAbove(estimated, low - 0.3)).toBeLessThan(0.025);
      expect(pAbove(estimated, low + 0.3)).toBeGreaterThan(0.025);
      expect(pBelow(estimated, high + 0.3)).toBeLessThan(0.025);
      expect(pBelow(estimated, high - 0.3)).toBeGreaterThan(0.025);
      expect(pWithin(estimated, estimated.value, high - low)).toBeLessThan(0.025);
      expect(pWithin(estimated, high, 0.1)).toBeGreaterThan(0.5);
    }
  });

  test("are of resamples that drew a query, where half of few classes have only skipped ones", () => {
    const sample = alike([[50, 60, 70, 80, 90, 100, Number.NaN, Number.NaN]], [0, 0, 0, 1, 1, 1, 2, 3]);
    const estimated = drawnMean(sample, 2000);
    expect(interval(estimated)).toEqual([60, 90]);
    expect(pAbove(estimated, 59)).toBe(1 / ((estimated.resampled?.length ?? 0) + 1));
    expect(pBelow(estimated, 91)).toBe(pAbove(estimated, 59));
    const ratio = estimatedRatio(sample, sample, twoLevelDraws(sample, { resamples: 2000 }));
    expect(ratio === null ? null : interval(ratio)).toEqual([1, 1]);
  });

  test("have no interval with one seed and nothing about queries", () => {
    const estimated = drawnMean(seedsAlone([4]), 9);
    expect([estimated.value, interval(estimated), pAbove(estimated, 0), pWithin(estimated, 0, 1)]).toEqual([
      4,
      null,
      null,
      null,
    ]);
  });
});

describe("ratios", () => {
  test("cover the true share, and are no gap unless the denominator's interval lies above zero", () => {
    const results = Array.from({ length: 120 }, (_, i) => {
      const gap = madeUp(`gap ${i}`, { seeds: 5, classes: 30, mean: 12 });
      const rest = madeUp(`rest ${i}`, { seeds: 5, classes: 30, mean: 0 });
      const closed = gap.values.map((ofSeed, s) => ofSeed.map((value, q) => 0.5 * value + (rest.values[s]?.[q] ?? 0)));
      const sample = alike(gap.values, gap.labels);
      const ratio = estimatedRatio(alike(closed, gap.labels), sample, twoLevelDraws(sample, { resamples: 400 }));
      const found = ratio === null ? null : interval(ratio);
      return found !== null && found[0] <= 0.5 && 0.5 <= found[1];
    });
    expect(results.filter(Boolean).length / results.length).toBeGreaterThan(0.92);
    const none = madeUp("no gap", { seeds: 5, classes: 30, mean: 0.2 });
    const sample = alike(none.values, none.labels);
    expect(estimatedRatio(sample, sample, twoLevelDraws(sample, { resamples: 200 }))).toBeNull();
    expect(estimatedRatio(seedsAlone([1]), seedsAlone([-1]), null)).toBeNull();
    expect(estimatedRatio(seedsAlone([1]), seedsAlone([4]), null)?.value).toBe(0.25);
  });

  test("are the same, whatever was estimated from their draws before", () => {
    const [above, below] = [0, 1].map((i) => {
      const { values, labels } = madeUp(`again ${i}`, { seeds: 3, classes: 8, mean: 20 });
      return alike(values, labels);
    }) as [ClusterSums, ClusterSums];
    const [draws, anew] = [0, 1].map(() => twoLevelDraws(above, { resamples: 99 }));
    for (const sample of [above, below]) estimatedMean(sample, draws ?? null);
    expect(estimatedRatio(above, below, draws ?? null)).toEqual(estimatedRatio(above, below, anew ?? null));
  });

  test("with a denominator of one are means: Fieller's interval is Student's", () => {
    const values = [1.5, 2.5, 4, 3];
    const mean = drawnMean(seedsAlone(values), 99);
    const draws = twoLevelDraws({ seeds: 4, clusters: 1 }, { resamples: 99 });
    const ratio = estimatedRatio(seedsAlone(values), seedsAlone([1, 1, 1, 1]), draws);
    expect(ratio === null ? null : interval(ratio)).toEqual(interval(mean));
  });
});
