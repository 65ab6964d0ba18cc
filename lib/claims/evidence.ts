import type { Artifact } from "../core/artifacts/store";
import { unexpected } from "../core/check";
import { type AnyResult, isOfLanguage } from "../experiments/language/language-result";
import { updateSample } from "../experiments/language/update-samples";
import { rowSample } from "../experiments/results/intervals";
import { queryValues } from "../experiments/results/query-results";
import type { MetricName, ResultRow, TableResult } from "../experiments/results/result";
import { type ClusterSums, clusterSums, pairedDifference, seedsAlone } from "../statistics/cluster-sums";
import { drawsFor, type Estimated, estimatedMean, estimatedRatio, interval } from "../statistics/estimate";
import type { Contrast, Quantity } from "./claim";

/** A result with the results of its queries, null if they were not kept. */
export interface ClaimData {
  readonly result: AnyResult;
  readonly queries: Artifact | null;
}

/** What the data say of a contrast. */
export interface Evidence {
  readonly contrast: Contrast;
  /** Whether there is the gap that the contrast needs, of a share in top-1 too. */
  readonly testable: boolean;
  /** In mAP, or of a quantity that has no metric; null where it cannot be estimated. */
  readonly primary: Estimated | null;
  /** The same in top-1; null for a quantity that has no metric. */
  readonly secondary: Estimated | null;
}

/**
 * Estimates contrasts of one result; all share their resamples. Without results of the queries,
 * intervals are over the seeds alone. Throws RangeError on a row or measure that is not there.
 */
export function evidenceOf(contrasts: readonly Contrast[], data: ClaimData): readonly Evidence[] {
  const estimate = (sample: ClusterSums): Estimated => {
    return estimatedMean(sample, data.queries === null ? null : drawsFor(sample));
  };
  const ofMetric = (quantity: Quantity, metric: MetricName): Estimated | null => {
    if (quantity.kind !== "share") return estimate(sampleOf(data, quantity, metric));
    const start = rowOf(data, quantity.from, metric);
    const gap = pairedDifference(rowOf(data, quantity.to, metric), start);
    const closed = pairedDifference(rowOf(data, quantity.row, metric), start);
    const ratio = estimatedRatio(closed, gap, data.queries === null ? null : drawsFor(gap));
    return ratio === null ? null : inPercent(ratio);
  };
  return contrasts.map((contrast) => {
    const { quantity, gate } = contrast;
    const hasMetrics = !["multiple", "negative flips", "update"].includes(quantity.kind);
    const open = gate === undefined || isGap(estimate(gateSample(data, gate)));
    const primary = open ? ofMetric(quantity, "mAP") : null;
    const secondary = primary === null || !hasMetrics ? null : ofMetric(quantity, "top1");
    const testable = primary !== null && (!hasMetrics || secondary !== null);
    return { contrast, testable, primary, secondary };
  });
}

function gateSample(data: ClaimData, { from, to }: NonNullable<Contrast["gate"]>): ClusterSums {
  if (!isOfLanguage(data.result)) return differenceOf(data, to, from, "mAP");
  return updateOf(data, { kind: "update", measure: "score", plus: [to], minus: [from] });
}

/** Whether the interval lies above zero, or, if there is none, the value. */
function isGap(estimated: Estimated): boolean {
  return (interval(estimated)?.[0] ?? estimated.value) > 0;
}

function inPercent({ value, numerators, denominators, resampled }: Estimated): Estimated {
  return {
    value: 100 * value,
    numerators: numerators.map((each) => 100 * each),
    denominators,
    resampled: resampled?.map((each) => 100 * each) ?? null,
  };
}

function sampleOf(data: ClaimData, quantity: Exclude<Quantity, { kind: "share" }>, metric: MetricName): ClusterSums {
  switch (quantity.kind) {
    case "difference":
      return differenceOf(data, quantity.a, quantity.b, metric);
    case "level":
      return rowOf(data, quantity.row, metric);
    case "negative flips":
      return flipsOf(data, quantity);
    case "update":
      return updateOf(data, quantity);
    case "multiple": {
      const [above, below] = [quantity.a, quantity.b].map((row) => measuresOf(data, row, quantity.measure));
      return seedsAlone((above ?? []).map((value, seed) => value / (below?.[seed] ?? Number.NaN)));
    }
  }
}

function differenceOf(data: ClaimData, a: string, b: string, metric: MetricName): ClusterSums {
  return pairedDifference(rowOf(data, a, metric), rowOf(data, b, metric));
}

/** A measure of language models, added over rows and taken from others. */
function updateOf(
  { result, queries }: ClaimData,
  { measure, plus, minus }: Extract<Quantity, { kind: "update" }>,
): ClusterSums {
  if (!isOfLanguage(result) || queries === null) {
    throw unexpected(`table ${result.table}`, "language models with the scores of their samples", "others");
  }
  const from = { scores: queries, seeds: result.seeds };
  const sampleOf = (id: string): ClusterSums => updateSample(from, withId(result.rows, id, result.table), measure);
  const [first, ...others] = plus.map(sampleOf);
  if (first === undefined) throw unexpected("rows that are added", "one or more", "none");
  const total = others.reduce((sum, sample) => pairedDifference(sum, negated(sample)), first);
  return minus.map(sampleOf).reduce(pairedDifference, total);
}

function negated(sample: ClusterSums): ClusterSums {
  return { ...sample, sums: sample.sums.map((sum) => -sum) };
}

/** The result of a table of images. Throws RangeError if it is another one. */
function tableOf({ result }: ClaimData): TableResult {
  if (!isOfLanguage(result)) return result;
  throw unexpected(`table ${result.table}`, "one of retrieval", "one of language models");
}

function rowOf(data: ClaimData, row: string, metric: MetricName): ClusterSums {
  const { queries } = data;
  const result = tableOf(data);
  const { perSeed } = rowNamed(result, row);
  if (queries === null) return seedsAlone(perSeed.map((metrics) => metrics[metric]));
  return rowSample({ seeds: result.seeds, queries }, row, metric);
}

/** Queries broken by row a, minus those broken by row b, in points. */
function flipsOf(data: ClaimData, { a, b, before }: Extract<Quantity, { kind: "negative flips" }>): ClusterSums {
  const { queries } = data;
  const result = tableOf(data);
  if (queries === null) {
    const [first, second] = [a, b].map((row) => measuresOf(data, row, "negative"));
    return seedsAlone((first ?? []).map((value, seed) => value - (second?.[seed] ?? Number.NaN)));
  }
  const hits = (row: string, seed: number) => queryValues(queries, { row, seed, metric: "top1" });
  const broken = result.seeds.map((seed) => {
    const { values: start, classes } = hits(before, seed);
    const [one, other] = [hits(a, seed).values, hits(b, seed).values];
    const values = start.map((value, i) => {
      // Of a query that was right, what one row misses and the other does not.
      return Number.isNaN(value) ? value : (value / 100) * ((other[i] as number) - (one[i] as number));
    });
    return { values, classes };
  });
  return clusterSums(broken);
}

/** A measure of a row with each seed. */
function measuresOf(data: ClaimData, row: string, measure: string): readonly number[] {
  const result = tableOf(data);
  const found = rowNamed(result, row).details?.[measure];
  if (found === undefined) throw unexpected(`measure of row ${row} in table ${result.table}`, measure, "none");
  // Results of earlier versions have the mean alone: of several seeds no single value is known.
  return found.values ?? [found.mean];
}

function rowNamed({ rows, table }: TableResult, id: string): ResultRow {
  return withId(rows, id, table);
}

function withId<Row extends { readonly id: string }>(rows: readonly Row[], id: string, table: string): Row {
  const row = rows.find((each) => each.id === id);
  if (row !== undefined) return row;
  throw unexpected(`row of table ${table}`, `one of ${rows.map((each) => each.id).join(", ")}`, id);
}
