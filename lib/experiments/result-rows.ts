import { join } from "node:path";
import type { Artifact } from "../core/artifacts/store";
import { unexpected } from "../core/check";
import { hashOf } from "../core/hash";
import { InputError } from "../core/input-error";
import { committedFolder } from "../core/paths";
import { storedModel } from "./model/model";
import { byMetric } from "./results/intervals";
import { rounded } from "./results/making-schema";
import { queryValues } from "./results/query-results";
import type { Curve, MetricName, Metrics, ResultRow, Summary, TableResult } from "./results/result";
import type { Row, Table } from "./table";

/** What one seed gave for a row. */
export interface RowValues {
  /** The row's id. */
  readonly id: string;
  /** In percent. */
  readonly metrics: Metrics;
  /** By id of the table's measures. */
  readonly details: Readonly<Record<string, number>>;
  readonly curve: Curve | null;
}

/** Reads a row's values from the artifacts of its evaluation and its measurements. */
export function rowValues({ id }: Row, evaluation: Artifact, measurements: readonly Artifact[]): RowValues {
  const details = Object.assign({}, ...measurements.map(({ facts }) => facts)) as RowValues["details"];
  return { id, metrics: byMetric((name) => Number(evaluation.facts[name])), details, curve: curveIn(evaluation) };
}

/**
 * What each seed gave for the rows of a result that is kept, to four decimals. Throws InputError if
 * the result has only the means of several seeds of a value, as of curves.
 */
export function keptValues({
  table,
  scale,
  seeds,
  rows,
}: Pick<TableResult, "table" | "scale" | "seeds" | "rows">): readonly RowValues[] {
  const lacks = (row: string, what: string): InputError => {
    const fault = `${what} of row ${row} are kept as means of ${seeds.length} seeds`;
    const file = join(committedFolder(), scale, `${table}.json`);
    return new InputError({ file, fault, remedy: "run all seeds, without --extend" });
  };
  return seeds.flatMap((_, index) =>
    rows.map(({ id, perSeed, details = {}, curve = null }) => {
      if (curve !== null && seeds.length > 1) throw lacks(id, "the points of the curve");
      const own = Object.entries(details).map(([name, { mean, values = [mean] }]) => {
        if (values.length !== seeds.length) throw lacks(id, `the values of ${name}`);
        return [name, values[index] as number] as const;
      });
      return { id, metrics: perSeed[index] as Metrics, details: Object.fromEntries(own), curve };
    }),
  );
}

/**
 * Kept values, seed by seed, with the means of the queries' own results in place of their first
 * four decimals, so that a result that is extended has the numbers of one that is not.
 */
export function exactValues(
  values: readonly RowValues[],
  { seeds, rows }: Pick<TableResult, "seeds" | "rows">,
  queries: Artifact,
): readonly RowValues[] {
  return values.map((value, index) => {
    const seed = seeds[Math.floor(index / rows.length)] as number;
    const exact = (metric: MetricName): number => {
      const known = queryValues(queries, { row: value.id, seed, metric }).values.filter((each) => !Number.isNaN(each));
      const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
      return rounded(mean, 4) === value.metrics[metric] ? mean : value.metrics[metric];
    };
    return { ...value, metrics: byMetric(exact) };
  });
}

function curveIn({ arrays: { shares, top1, top5, mAP } }: Artifact): Curve | null {
  if (!(shares && top1 && top5 && mAP)) return null;
  const [of, first, five, average] = [shares, top1, top5, mAP].map(({ data }) => Array.from(data));
  return { shares: of ?? [], top1: first ?? [], top5: five ?? [], mAP: average ?? [] };
}

/** A table's rows with means over the seeds. `values` has one entry per row and seed. */
export function resultRows(
  table: Pick<Table, "gap" | "measures">,
  rows: readonly Row[],
  values: readonly RowValues[],
): readonly ResultRow[] {
  const valuesOf = (id: string): readonly RowValues[] => values.filter((value) => value.id === id);
  const means = new Map(rows.map(({ id }) => [id, summaries(valuesOf(id))]));
  return rows.map((row) => {
    const perSeed = valuesOf(row.id);
    return {
      id: row.id,
      label: row.label,
      ...(row.group === undefined ? {} : { group: row.group }),
      metrics: means.get(row.id) ?? summaries([]),
      perSeed: perSeed.map(({ metrics }) => metrics),
      gapClosed: gapClosed(row, row.gap ?? table.gap, { rows, means }),
      reported: row.reported,
      ...detailsOf(table.measures ?? [], perSeed),
      ...meanCurve(perSeed),
      ...(row.cell === undefined ? {} : { cell: row.cell }),
    };
  });
}

/** The table's measures that the row has, each with its mean over the seeds. */
function detailsOf(
  measures: readonly { readonly id: string }[],
  perSeed: readonly RowValues[],
): Pick<ResultRow, "details"> {
  const found = measures.flatMap(({ id }): [string, Summary][] => {
    const values = perSeed.flatMap(({ details }) => details[id] ?? []);
    const each = values.length > 1 ? { values } : {};
    return values.length === 0 ? [] : [[id, { ...summary(values), ...each }]];
  });
  return found.length === 0 ? {} : { details: Object.fromEntries(found) };
}

/** The mean of the curves and, of several seeds, how what they lack of their ends varies. */
function meanCurve(perSeed: readonly RowValues[]): Pick<ResultRow, "curve"> {
  const curves = perSeed.flatMap(({ curve }) => curve ?? []);
  const [first] = curves;
  if (first === undefined) return {};
  const over = (value: (points: readonly number[], point: number) => number) =>
    byMetric((name) => first.shares.map((_, point) => summary(curves.map((curve) => value(curve[name], point)))));
  const means = over((points, point) => points[point] ?? 0);
  const lacks = over((points, point) => (points.at(-1) ?? 0) - (points[point] ?? 0));
  const sd = curves.length > 1 ? { sd: byMetric((name) => lacks[name].map((lack) => lack.sd ?? 0)) } : {};
  return { curve: { shares: first.shares, ...byMetric((name) => means[name].map(({ mean }) => mean)), ...sd } };
}

/**
 * The share of the gap closed, in percent, of the means over the seeds:
 * (M(row) - M(from)) / (M(to) - M(from)). Null if the row does not search the gallery stored by
 * `from` (`to` itself excepted), or if the new model is no better than the old one.
 */
function gapClosed(
  row: Row,
  ends: Table["gap"],
  { rows, means }: { readonly rows: readonly Row[]; readonly means: ReadonlyMap<string, ResultRow["metrics"]> },
): ResultRow["gapClosed"] {
  if (ends === null) return byMetric(() => null);
  const [from, to] = [rowNamed(rows, ends.from), rowNamed(rows, ends.to)];
  const applies = row.id === to.id || storageOf(row) === storageOf(from);
  return byMetric((name) => {
    const mean = ({ id }: Row): number => means.get(id)?.[name].mean ?? Number.NaN;
    const gap = mean(to) - mean(from);
    // + 0 makes a negative zero positive.
    return applies && gap > 0 ? (100 * (mean(row) - mean(from))) / gap + 0 : null;
  });
}

/** Names the model that stored the row's gallery before any update. */
function storageOf({ gallery }: Row): string {
  return hashOf(storedModel(gallery));
}

function rowNamed(rows: readonly Row[], id: string): Row {
  const row = rows.find((candidate) => candidate.id === id);
  if (row !== undefined) return row;
  throw unexpected("end of a gap", `one of the rows ${rows.map((each) => each.id).join(", ")}`, id);
}

/** Mean and sample standard deviation of each metric over the seeds. */
function summaries(perSeed: readonly RowValues[]): ResultRow["metrics"] {
  return byMetric((name) => summary(perSeed.map(({ metrics }) => metrics[name])));
}

/** Mean and sample standard deviation of values, one for each seed. */
function summary(values: readonly number[]): Summary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n };
}
