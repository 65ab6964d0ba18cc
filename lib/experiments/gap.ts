import { hashOf } from "../core/hash";
import { storedModel } from "./model";
import type { MetricName, ResultRow, Summary } from "./result";
import type { Row, Table } from "./table";

/** The metrics of one evaluation, in percent. */
export type Metrics = Readonly<Record<MetricName, number>>;

/** The metrics among the facts of an evaluation. */
export function metricsOf(facts: Readonly<Record<string, unknown>>): Metrics {
  return byMetric((name) => Number(facts[name]));
}

/** Mean and sample standard deviation of each metric over the seeds. */
export function summaries(perSeed: readonly Metrics[]): Readonly<Record<MetricName, Summary>> {
  return byMetric((name) => summary(perSeed.map((metrics) => metrics[name])));
}

/**
 * The share of the gap closed, percent, of means over seeds: (M(row) - M(from)) / (M(to) - M(from)), the ends being the row's or the
 * table's. Null where the row does not search the storage of `from` (but for `to` itself), or where the new model is no better: no gap.
 */
export function gapClosed(
  table: Pick<Table, "gap">,
  rows: readonly Row[],
  means: readonly ResultRow["metrics"][],
): readonly ResultRow["gapClosed"][] {
  return rows.map((row, index) => {
    const ends = row.gap ?? table.gap;
    if (ends === null) return byMetric(() => null);
    const from = rowIndex(rows, ends.from);
    const to = rowIndex(rows, ends.to);
    const applies = index === to || sameStorage(row, rows[from]);
    return byMetric((name) => {
      const mean = (at: number): number => means[at]?.[name].mean ?? Number.NaN;
      const gap = mean(to) - mean(from);
      // + 0 makes a negative zero positive.
      return applies && gap > 0 ? (100 * (mean(index) - mean(from))) / gap + 0 : null;
    });
  });
}

function sameStorage(row: Row, from: Row | undefined): boolean {
  return from !== undefined && hashOf(storedModel(row.gallery)) === hashOf(storedModel(from.gallery));
}

function rowIndex(rows: readonly Row[], id: string): number {
  const index = rows.findIndex((row) => row.id === id);
  if (index < 0) throw new RangeError(`no row is called ${id}; there are ${rows.map((row) => row.id).join(", ")}`);
  return index;
}

/** Mean and sample standard deviation of values, one a seed. */
export function summary(values: readonly number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n };
}

function byMetric<T>(of: (name: MetricName) => T): Readonly<Record<MetricName, T>> {
  return { top1: of("top1"), top5: of("top5"), mAP: of("mAP") };
}
