import type { Artifact } from "../../core/artifacts/store";
import { type ClusterSums, clusterSums, pairedDifference } from "../../statistics/cluster-sums";
import { drawsFor, estimatedMean, estimatedRatio, interval } from "../../statistics/estimate";
import { queryValues } from "./query-results";
import type { MetricName, ResultRow } from "./result";

/** The results of every query of a table. */
interface TableQueries {
  readonly seeds: readonly number[];
  readonly queries: Artifact;
}

/** A row's metric in percent, added up by seed and class. */
export function rowSample({ seeds, queries }: TableQueries, row: string, metric: MetricName): ClusterSums {
  return clusterSums(seeds.map((seed) => queryValues(queries, { row, seed, metric })));
}

/**
 * Rows with the 95 % intervals of their metrics and of their shares of the gap. `gapOf` names the
 * ends of a row's gap.
 */
export function withIntervals(
  rows: readonly ResultRow[],
  { gapOf, ...table }: TableQueries & { readonly gapOf: (row: string) => { from: string; to: string } | null },
): readonly ResultRow[] {
  const { sampleOf, differenceOf } = samplesOf(table);
  const ofMetric = (row: ResultRow, metric: MetricName): ResultRow["metrics"][MetricName] => {
    const sample = sampleOf(row.id, metric);
    const found = interval(estimatedMean(sample, drawsFor(sample)));
    return found === null ? row.metrics[metric] : { ...row.metrics[metric], interval: found };
  };
  const ofGap = (row: ResultRow, metric: MetricName): readonly [number, number] | null => {
    const gap = gapOf(row.id);
    if (gap === null || row.gapClosed[metric] === null) return null;
    const whole = differenceOf(gap.to, gap.from, metric);
    const ratio = estimatedRatio(differenceOf(row.id, gap.from, metric), whole, drawsFor(whole));
    const found = ratio === null ? null : interval(ratio);
    return found === null ? null : [100 * found[0], 100 * found[1]];
  };
  return rows.map((row) => ({
    ...row,
    metrics: byMetric((metric) => ofMetric(row, metric)),
    gapInterval: byMetric((metric) => ofGap(row, metric)),
  }));
}

interface Samples {
  readonly sampleOf: (row: string, metric: MetricName) => ClusterSums;
  /** The first row's minus the second's. */
  readonly differenceOf: (row: string, from: string, metric: MetricName) => ClusterSums;
}

/** The samples of a table's rows and their differences, each made once. */
function samplesOf(table: TableQueries): Samples {
  const known = new Map<string, ClusterSums>();
  const once = (name: string, made: () => ClusterSums): ClusterSums => {
    const sample = known.get(name) ?? made();
    known.set(name, sample);
    return sample;
  };
  const sampleOf: Samples["sampleOf"] = (row, metric) => {
    return once(JSON.stringify([metric, row]), () => rowSample(table, row, metric));
  };
  const differenceOf: Samples["differenceOf"] = (row, from, metric) => {
    const difference = (): ClusterSums => pairedDifference(sampleOf(row, metric), sampleOf(from, metric));
    return once(JSON.stringify([metric, row, from]), difference);
  };
  return { sampleOf, differenceOf };
}

/** A value for each metric. */
export function byMetric<T>(of: (name: MetricName) => T): Readonly<Record<MetricName, T>> {
  return { top1: of("top1"), top5: of("top5"), mAP: of("mAP") };
}
