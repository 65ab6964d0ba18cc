import { unexpected, wholeNumber } from "../core/check";
import { type Random, random } from "../core/random";
import type { ClusterSums } from "./cluster-sums";

/** How often each seed and each cluster was drawn, resample after resample. */
export interface Draws {
  readonly resamples: number;
  readonly seeds: number;
  readonly clusters: number;
  /** [resamples x seeds] */
  readonly seedTimes: Uint16Array;
  /** [resamples x clusters] */
  readonly clusterTimes: Uint16Array;
  /** What was computed from them: the gap of a table is the denominator of many shares. */
  readonly means: WeakMap<ClusterSums, Float64Array>;
}

/** How to draw: 10,000 resamples by default. */
export interface DrawOptions {
  readonly resamples?: number;
  readonly seed?: number;
}

/**
 * Resampling at two levels: in each resample seeds are drawn with replacement, then clusters with
 * all their queries. A cluster that is drawn counts for every drawn seed, because all seeds are
 * tested on the same images: what is hard for one is hard for the others, and drawing anew within
 * each seed would average that away (Owen, "The pigeonhole bootstrap", 2007: resampling both
 * factors of a crossed design is mildly conservative). The unit of inference is "these data, new
 * seeds and new classes". Equal arguments give equal draws, so that quantities are paired.
 */
export function twoLevelDraws(
  { seeds, clusters }: Pick<ClusterSums, "seeds" | "clusters">,
  { resamples = 10_000, seed = 0 }: DrawOptions = {},
): Draws {
  wholeNumber("resamples", resamples, { least: 1 });
  const stream = random(seed, "two-level bootstrap");
  const [seedTimes, clusterTimes] = [new Uint16Array(resamples * seeds), new Uint16Array(resamples * clusters)];
  for (let resample = 0; resample < resamples; resample++) {
    draw(seedTimes.subarray(resample * seeds, (resample + 1) * seeds), stream);
    draw(clusterTimes.subarray(resample * clusters, (resample + 1) * clusters), stream);
  }
  return { resamples, seeds, clusters, seedTimes, clusterTimes, means: new WeakMap() };
}

/** Counts how often each of the places is drawn in as many draws; a single place needs none. */
function draw(times: Uint16Array, { integer }: Random): void {
  const count = times.length;
  if (count === 1) times.fill(1);
  for (let i = 0; i < count && count > 1; i++) {
    const place = integer(count);
    times[place] = (times[place] as number) + 1;
  }
}

/**
 * The mean of a sample in each resample, which is not to be changed: a sample that is asked for
 * again has the same. Throws RangeError if the draws are of other sizes.
 */
export function resampledMeans(sample: ClusterSums, draws: Draws): Float64Array {
  const { resamples, seeds, clusters, means } = draws;
  if (sample.seeds !== seeds || sample.clusters !== clusters) {
    const found = `${sample.seeds} seeds of ${sample.clusters}`;
    throw unexpected("sample", `${seeds} seeds of ${clusters} clusters, as were drawn`, found);
  }
  const known = means.get(sample);
  if (known !== undefined) return known;
  const found = new Float64Array(resamples);
  for (let first = 0; first < resamples; first += 2) {
    const second = Math.min(first + 1, resamples - 1);
    [found[first], found[second]] = weightedMeans(sample, draws, first, second);
  }
  means.set(sample, found);
  return found;
}

/** Those of two resamples at a time, since the additions of one wait for each other. */
function weightedMeans(
  { sums, counts }: ClusterSums,
  { seeds, clusters, seedTimes, clusterTimes }: Draws,
  first: number,
  second: number,
): [number, number] {
  let [sumA, countA, sumB, countB] = [0, 0, 0, 0];
  for (let seed = 0; seed < seeds; seed++) {
    let [a, queriesA, b, queriesB] = [0, 0, 0, 0];
    for (let cluster = 0; cluster < clusters; cluster++) {
      const timesA = clusterTimes[first * clusters + cluster] as number;
      const timesB = clusterTimes[second * clusters + cluster] as number;
      const value = sums[seed * clusters + cluster] as number;
      const count = counts[seed * clusters + cluster] as number;
      a += timesA * value;
      queriesA += timesA * count;
      b += timesB * value;
      queriesB += timesB * count;
    }
    const weightA = seedTimes[first * seeds + seed] as number;
    const weightB = seedTimes[second * seeds + seed] as number;
    sumA += weightA * a;
    countA += weightA * queriesA;
    sumB += weightB * b;
    countB += weightB * queriesB;
  }
  return [sumA / countA, sumB / countB];
}
