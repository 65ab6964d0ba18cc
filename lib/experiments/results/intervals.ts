import type { Artifact } from "../../core/artifacts/store";
import { type ClusterSums, clusterSums, pairedDifference } from "../../statistics/cluster-sums";
import { estimatedMean, estimatedRatio, interval } from "../../statistics/estimate";
import { type Draws, twoLevelDraws } from "../../statistics/two-level";
import { queryValues } from "./query-results";
import type { MetricName, ResultRow } from "./result";

/** The results of every query of a table. */
interface TableQueries {
  readonly seeds: readonly number[];
  readonly queries: Artifact;
}

/** A row's metric in percent, added up by seed and class. */
export function rowSample({ seeds, queries }: TableQueries, row: string, metric: MetricName): ClusterSums {
  const found = seeds.map((seed) => queryValues(queries, { row, seed, metric }));
  return clusterSums(
    found.map(({ values }) => values),
    found[0]?.classes ?? [],
  );
}

/** Draws of any sizes, each made once: samples of a size share them. */
export function sharedDraws(): (sample: ClusterSums) => Draws {
  const known = new Map<string, Draws>();
  return (sample) => {
    const size = `${sample.seeds} x ${sample.clusters}`;
    const draws = known.get(size) ?? twoLevelDraws(sample);
    known.set(size, draws);
    return draws;
  };
}

/**
 * Rows with the 95 % intervals of their metrics and of their shares of the gap. `gapOf` names the
 * ends of a row's gap.
 */
export function withIntervals(
  rows: readonly ResultRow[],
  { gapOf, ...table }: TableQueries & { readonly gapOf: (row: string) => { from: string; to: string } | null },
): readonly ResultRow[] {
  const drawsOf = sharedDraws();
  const known = new Map<string, ClusterSums>();
  const sampleOf = (row: string, metric: MetricName): ClusterSums => {
    const sample = known.get(`${metric} ${row}`) ?? rowSample(table, row, metric);
    known.set(`${metric} ${row}`, sample);
    return sample;
  };
  const ofMetric = (row: ResultRow, metric: MetricName): ResultRow["metrics"][MetricName] => {
    const sample = sampleOf(row.id, metric);
    const found = interval(estimatedMean(sample, drawsOf(sample)));
    return found === null ? row.metrics[metric] : { ...row.metrics[metric], interval: found };
  };
  const ofGap = (row: ResultRow, metric: MetricName): readonly [number, number] | null => {
    const gap = gapOf(row.id);
    if (gap === null || row.gapClosed[metric] === null) return null;
    const start = sampleOf(gap.from, metric);
    const whole = pairedDifference(sampleOf(gap.to, metric), start);
    const ratio = estimatedRatio(pairedDifference(sampleOf(row.id, metric), start), whole, drawsOf(whole));
    const found = ratio === null ? null : interval(ratio);
    return found === null ? null : [100 * found[0], 100 * found[1]];
  };
  return rows.map((row) => ({
    ...row,
    metrics: byMetric((metric) => ofMetric(row, metric)),
    gapInterval: byMetric((metric) => ofGap(row, metric)),
  }));
}

/** A value for each metric. */
export function byMetric<T>(of: (name: MetricName) => T): Readonly<Record<MetricName, T>> {
  return { top1: of("top1"), top5: of("top5"), mAP: of("mAP") };
}
