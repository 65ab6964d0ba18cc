import { type AnyResult, isOfLanguage } from "../../experiments/language/language-result";
import type { Measure, ResultRow, Summary } from "../../experiments/results/result";
import { type Publication, publicationName, publicationsOf, reportedBy, rowRuns, shownShare } from "./rows";
import { bracketText, deviatingText, metricNames, metricTitles, notApplicable, notAvailable } from "./text";

/** A column of a printed table, with a cell for each row. */
export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

/** The name of the column of groups. */
const groupColumnName = "update";

/** The update that each row belongs to, a dash for none; no column if no row belongs to any. */
export function groupColumn(rows: readonly Pick<ResultRow, "group">[]): readonly Column[] {
  if (rows.every(({ group }) => group === undefined)) return [];
  return [{ name: groupColumnName, cells: rows.map(({ group }) => group ?? notApplicable) }];
}

/** The columns of a table with each update printed in its first row only. */
export function withGroupsOnce(
  columns: readonly Column[],
  rows: readonly Pick<ResultRow, "group">[],
): readonly Column[] {
  const first = new Set(rowRuns(rows).map((run) => run.rows[0]));
  return columns.map(({ name, cells }) =>
    name === groupColumnName
      ? { name, cells: cells.map((cell, index) => (first.has(rows[index]) ? cell : "")) }
      : { name, cells },
  );
}

/** A column of a table of results: texts, or numbers with the deviations over the seeds. */
export type Field = TextField | NumberField;

interface TextField extends Column {
  readonly kind: "text";
}

/** A number for each row, null where none applies, is known or, as a deviation, is worth saying. */
interface NumberField {
  readonly kind: "numbers";
  readonly name: string;
  /** Decimals when printed. */
  readonly decimals: number;
  readonly means: readonly (number | null)[];
  readonly deviations: readonly (number | null)[];
  /** Printed in place of the deviations, where there are any. */
  readonly intervals: readonly (readonly [low: number, high: number] | null)[];
  /** What is printed in place of a number that is null, for each row. */
  readonly absent: readonly string[];
}

/**
 * The columns of a result, in percent: the update of each row if rows have one, the metrics, the
 * share of the top-1 gap closed if some row closes one, the measures, and the published shares. A
 * result of language models has measures alone.
 */
export function resultFields(result: AnyResult): readonly Field[] {
  if (isOfLanguage(result)) {
    return [...named(result.rows), ...result.measures.map((measure) => measured(measure, result.rows))];
  }
  const { rows, measures = [] } = result;
  return [
    ...named(rows),
    ...metricNames.map((metric) =>
      numbers(
        `${metricTitles[metric]} (%)`,
        rows.map(({ metrics }) => metrics[metric]),
      ),
    ),
    ...(hasGap(rows)
      ? [
          numbers(
            gapTitle,
            rows.map((row) => single(shownShare(row, "top1"), row.gapInterval?.top1)),
          ),
        ]
      : []),
    ...measures.map((measure) => measured(measure, rows)),
    ...(hasGap(rows) ? publicationsOf(rows).map((publication) => publishedShares(publication, rows)) : []),
  ];
}

/** The columns that name rows. */
function named(rows: readonly Pick<ResultRow, "group" | "label">[]): readonly Field[] {
  return [
    ...groupColumn(rows).map((column) => ({ kind: "text", ...column }) as const),
    { kind: "text", name: "row", cells: rows.map(({ label }) => label) },
  ];
}

/** The columns of a result as they are printed (see `resultFields`). */
export function resultColumns(result: AnyResult): readonly Column[] {
  return resultFields(result).map((field) =>
    field.kind === "text" ? field : { name: field.name, cells: printedNumbers(field) },
  );
}

function printedNumbers({ decimals, means, deviations, intervals, absent }: NumberField): readonly string[] {
  return means.map((mean, row) => {
    if (mean === null) return absent[row] ?? notApplicable;
    const ends = intervals[row] ?? null;
    if (ends === null) return deviatingText(mean, deviations[row] ?? null, decimals);
    return `${deviatingText(mean, null, decimals)} ${bracketText(ends, decimals)}`;
  });
}

/** The name of the column of shares of the gap. */
export const gapTitle: string = "gap closed, top-1 (%)";

/** Whether some row has a share of the top-1 gap. */
export function hasGap(rows: readonly ResultRow[]): boolean {
  return rows.some((row) => shownShare(row, "top1") !== null);
}

/** A number with its deviation over the seeds, null for one seed, and its interval. */
type Spread = Pick<Summary, "mean" | "sd"> & { readonly interval?: Summary["interval"] | null };

function numbers(name: string, summaries: readonly (Spread | null)[], decimals: number = 1): NumberField {
  return {
    kind: "numbers",
    name,
    decimals,
    means: summaries.map((summary) => summary?.mean ?? null),
    deviations: summaries.map((summary) => summary?.sd ?? null),
    intervals: summaries.map((summary) => summary?.interval ?? null),
    absent: summaries.map(() => notApplicable),
  };
}

function single(value: number | null, interval: Spread["interval"] = null): Spread | null {
  return value === null ? null : { mean: value, sd: null, ...(isPoint(interval) ? {} : { interval }) };
}

/** The ends of a gap close 0 and 100 % of it, whatever the data. */
function isPoint(interval: Spread["interval"]): boolean {
  return interval != null && interval[0] === interval[1];
}

/** A measure without deviations of 0, such as those of a size. */
function measured({ id, title, decimals }: Measure, rows: readonly Pick<ResultRow, "details">[]): NumberField {
  const field = numbers(
    title,
    rows.map(({ details }) => details?.[id] ?? null),
    decimals,
  );
  return { ...field, deviations: field.deviations.map((deviation) => (deviation === 0 ? null : deviation)) };
}

function publishedShares(publication: Publication, rows: readonly ResultRow[]): NumberField {
  const reported = rows.map((row) => (shownShare(row, "top1") === null ? undefined : reportedBy(publication, row)));
  const field = numbers(
    `${publicationName(publication)} (%)`,
    reported.map((one) => single(one?.gapClosed ?? null)),
  );
  return { ...field, absent: reported.map((one) => (one === undefined ? notApplicable : notAvailable)) };
}
