import { hashOf } from "../core/hash";
import { storedModel } from "./model/model";
import type { Curve, MetricName, ResultRow, Summary } from "./results/result";
import type { Row, Table } from "./table";
import type { RowValues } from "./table-work";

/** A table's rows with their means over the seeds; `values` holds for each row those of every seed. */
export function resultRows(
  table: Pick<Table, "gap" | "measures">,
  rows: readonly Row[],
  values: readonly (readonly RowValues[])[],
): readonly ResultRow[] {
  const means = values.map((perSeed) => summaries(perSeed.map(({ metrics }) => metrics)));
  const shares = gapClosed(table, rows, means);
  return rows.map((row, index) => {
    const perSeed = values[index] ?? [];
    return {
      id: row.id,
      label: row.label,
      ...(row.group === undefined ? {} : { group: row.group }),
      metrics: means[index] ?? summaries([]),
      perSeed: perSeed.map(({ metrics }) => metrics),
      gapClosed: shares[index] ?? { top1: null, top5: null, mAP: null },
      reported: row.reported,
      ...detailsOf(table.measures ?? [], perSeed),
      ...curveOf(perSeed),
      ...(row.cell === undefined ? {} : { cell: row.cell }),
    };
  });
}

/** The table's measures that the row has, summed up over the seeds. */
function detailsOf(
  measures: readonly { readonly id: string }[],
  perSeed: readonly RowValues[],
): Pick<ResultRow, "details"> {
  const found = measures.flatMap(({ id }): [string, Summary][] => {
    const values = perSeed.flatMap(({ details }) => details[id] ?? []);
    return values.length === 0 ? [] : [[id, summary(values)]];
  });
  return found.length === 0 ? {} : { details: Object.fromEntries(found) };
}

/** The mean of the seeds' curves. */
function curveOf(perSeed: readonly RowValues[]): Pick<ResultRow, "curve"> {
  const curves = perSeed.flatMap(({ curve }) => curve ?? []);
  const [first] = curves;
  if (first === undefined) return {};
  const mean = (name: keyof Curve): readonly number[] =>
    first[name].map((_, point) => curves.reduce((sum, curve) => sum + (curve[name][point] ?? 0), 0) / curves.length);
  return { curve: { shares: mean("shares"), top1: mean("top1"), top5: mean("top5"), mAP: mean("mAP") } };
}

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
function summary(values: readonly number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n };
}

function byMetric<T>(of: (name: MetricName) => T): Readonly<Record<MetricName, T>> {
  return { top1: of("top1"), top5: of("top5"), mAP: of("mAP") };
}
