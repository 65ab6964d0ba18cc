import { unexpected } from "../core/check";

/**
 * Values of queries, added up by seed and cluster. A cluster is a class with all its queries; every
 * seed has the same clusters in the same order.
 */
export interface ClusterSums {
  readonly seeds: number;
  readonly clusters: number;
  /** The sum of the values, seed after seed: [seeds x clusters]. */
  readonly sums: Float64Array;
  /** The number of values, likewise. */
  readonly counts: Float64Array;
}

/**
 * Adds up `values`, one array for each seed, by the class of the query. NaN values, which belong to
 * skipped queries, are left out. Throws RangeError if the lengths disagree or nothing is left.
 */
export function clusterSums(values: readonly ArrayLike<number>[], classes: ArrayLike<number>): ClusterSums {
  const wrong = values.find(({ length }) => length !== classes.length);
  if (wrong !== undefined) throw unexpected("values", `one for each of ${classes.length} queries`, wrong.length);
  const places = new Map(
    [...new Set(Array.from(classes))].sort((a, b) => a - b).map((label, index) => [label, index] as const),
  );
  const [seeds, clusters] = [values.length, places.size];
  const sums = new Float64Array(seeds * clusters);
  const counts = new Float64Array(seeds * clusters);
  values.forEach((ofSeed, seed) => {
    for (let query = 0; query < ofSeed.length; query++) {
      const value = ofSeed[query] as number;
      if (Number.isNaN(value)) continue;
      const at = seed * clusters + (places.get(classes[query] as number) as number);
      sums[at] = (sums[at] as number) + value;
      counts[at] = (counts[at] as number) + 1;
    }
  });
  const sample = { seeds, clusters, sums, counts };
  if (seeds === 0 || seedMeans(sample).some(Number.isNaN)) {
    throw unexpected("values", "at least one number for each seed", seeds === 0 ? "no seed" : "none");
  }
  return sample;
}

/** One number for each seed and nothing about queries: all lie in a single cluster. */
export function seedsAlone(means: readonly number[]): ClusterSums {
  return {
    seeds: means.length,
    clusters: 1,
    sums: Float64Array.from(means),
    counts: new Float64Array(means.length).fill(1),
  };
}

/** The mean over a seed's queries, for each seed. */
export function seedMeans({ seeds, clusters, sums, counts }: ClusterSums): readonly number[] {
  const total = (of: Float64Array, seed: number): number =>
    of.subarray(seed * clusters, (seed + 1) * clusters).reduce((sum, value) => sum + value, 0);
  return Array.from({ length: seeds }, (_, seed) => total(sums, seed) / total(counts, seed));
}

/** `a` minus `b`, query by query. Throws RangeError unless both are of the same queries. */
export function pairedDifference(a: ClusterSums, b: ClusterSums): ClusterSums {
  const same = a.clusters === b.clusters && a.counts.every((count, place) => count === b.counts[place]);
  if (!same || a.seeds !== b.seeds) throw unexpected("samples", "two of the same seeds and queries", "others");
  return { ...a, sums: a.sums.map((sum, place) => sum - (b.sums[place] as number)) };
}
