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

/** What the queries of one seed found, and the class of each. */
interface SeedValues {
  readonly values: ArrayLike<number>;
  readonly classes: ArrayLike<number>;
}

/**
 * Adds up the values of each seed by the class of the query; seeds may have queries of their own.
 * NaN values, which belong to skipped queries, are left out. Throws RangeError if the lengths
 * disagree or nothing is left.
 */
export function clusterSums(found: readonly SeedValues[]): ClusterSums {
  const wrong = found.find(({ values, classes }) => values.length !== classes.length);
  if (wrong !== undefined) {
    throw unexpected("values", `one for each of ${wrong.classes.length} queries`, wrong.values.length);
  }
  const labels = new Set(found.flatMap(({ classes }) => [...new Set(Array.from(classes))]));
  const places = new Map([...labels].sort((a, b) => a - b).map((label, index) => [label, index] as const));
  const [seeds, clusters] = [found.length, places.size];
  const sums = new Float64Array(seeds * clusters);
  const counts = new Float64Array(seeds * clusters);
  found.forEach(({ values, classes }, seed) => {
    for (let query = 0; query < values.length; query++) {
      const value = values[query] as number;
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
