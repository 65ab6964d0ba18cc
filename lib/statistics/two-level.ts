import { unexpected, wholeNumber } from "../core/check";
import { type Random, random } from "../core/random";
import type { ClusterSums } from "./cluster-sums";

/** A way to draw the seeds: how often each, and the resamples that drew them so. */
interface SeedDraw {
  readonly times: Uint16Array;
  readonly resamples: number[];
}

/** How often each seed and each cluster was drawn, resample after resample. */
export interface Draws {
  readonly resamples: number;
  readonly seeds: number;
  readonly clusters: number;
  readonly ofSeeds: readonly SeedDraw[];
  /** [resamples x clusters] */
  readonly clusterTimes: Uint16Array;
  /** What was computed from them: the gap of a table is the denominator of many shares. */
  readonly means: WeakMap<ClusterSums, Float64Array>;
  /** The numbers of drawn queries, by those of the clusters: the same for most samples. */
  readonly counts: Map<string, Float64Array>;
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
  return {
    resamples,
    seeds,
    clusters,
    ofSeeds: grouped(seedTimes, seeds),
    clusterTimes,
    means: new WeakMap(),
    counts: new Map(),
  };
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

function grouped(seedTimes: Uint16Array, seeds: number): readonly SeedDraw[] {
  const draws = new Map<string, SeedDraw>();
  for (let resample = 0; resample < seedTimes.length / seeds; resample++) {
    const times = seedTimes.subarray(resample * seeds, (resample + 1) * seeds);
    const draw = draws.get(times.join()) ?? { times, resamples: [] };
    draw.resamples.push(resample);
    draws.set(times.join(), draw);
  }
  return [...draws.values()];
}

/**
 * The mean of a sample in each resample, which is not to be changed: a sample that is asked for
 * again has the same. Throws RangeError if the draws are of other sizes.
 */
export function resampledMeans(sample: ClusterSums, draws: Draws): Float64Array {
  const { seeds, clusters, means, counts } = draws;
  if (sample.seeds !== seeds || sample.clusters !== clusters) {
    const found = `${sample.seeds} seeds of ${sample.clusters}`;
    throw unexpected("sample", `${seeds} seeds of ${clusters} clusters, as were drawn`, found);
  }
  const known = means.get(sample);
  if (known !== undefined) return known;
  const queries = sample.counts.join();
  const count = counts.get(queries) ?? resampledSums(sample.counts, draws);
  counts.set(queries, count);
  const found = resampledSums(sample.sums, draws).map((sum, resample) => sum / (count[resample] as number));
  means.set(sample, found);
  return found;
}

/**
 * The sum over drawn seeds and clusters of `values` [seeds x clusters] in each resample. Few ways
 * to draw seeds differ, and all resamples of one share their sums over the seeds.
 */
function resampledSums(values: Float64Array, { resamples, clusters, ofSeeds, clusterTimes }: Draws): Float64Array {
  const found = new Float64Array(resamples);
  for (const { times, resamples: alike } of ofSeeds) {
    const together = new Float64Array(clusters);
    times.forEach((time, seed) => {
      for (let c = 0; time > 0 && c < clusters; c++) {
        together[c] = (together[c] as number) + time * (values[seed * clusters + c] as number);
      }
    });
    for (let i = 0; i < alike.length; i += 4) {
      const at = (next: number): number => alike[Math.min(i + next, alike.length - 1)] as number;
      fourSums(together, clusterTimes, [at(0), at(1), at(2), at(3)], found);
    }
  }
  return found;
}

/** Those of four resamples at a time, since the additions of one wait for each other. */
function fourSums(
  values: Float64Array,
  times: Uint16Array,
  resamples: readonly [number, number, number, number],
  found: Float64Array,
): void {
  const [first, second, third, fourth] = resamples;
  const clusters = values.length;
  const [a, b, c, d] = [first * clusters, second * clusters, third * clusters, fourth * clusters];
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  for (let i = 0; i < clusters; i++) {
    const value = values[i] as number;
    sumA += (times[a + i] as number) * value;
    sumB += (times[b + i] as number) * value;
    sumC += (times[c + i] as number) * value;
    sumD += (times[d + i] as number) * value;
  }
  found[first] = sumA;
  found[second] = sumB;
  found[third] = sumC;
  found[fourth] = sumD;
}
