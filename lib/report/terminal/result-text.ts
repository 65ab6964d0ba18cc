import { type AnyResult, isOfLanguage, type LanguageResult } from "../../experiments/language/language-result";
import type { Measure, Reported, ResultRow, TableResult } from "../../experiments/results/result";
import { type Column, hasGap } from "../text/columns";
import { rowRuns, shownShare } from "../text/rows";
import {
  deviationText,
  measureText,
  metricNames,
  metricTitles,
  notApplicable,
  percentText,
  shownMetrics,
} from "../text/text";
import { broken, textTable, textTables } from "./text-table";

/** A result in a terminal of `width` columns: its table, and below it what was published. */
export function resultText(result: AnyResult, width: number): string {
  if (isOfLanguage(result)) return languageText(result, width);
  return [
    ...headingOf(result).flatMap((line) => broken(line, width)),
    "",
    textTables(underHeadings(columnsOf(result), result.rows), width).join("\n\n"),
    ...publishedLines(result.rows, width),
  ].join("\n");
}

function languageText(result: LanguageResult, width: number): string {
  const { rows, measures } = result;
  const columns = [{ name: "row", cells: rows.map(({ label }) => label) }, ...measureColumns(rows, measures)];
  const tables = textTables(underHeadings(columns, rows), width);
  return [...headingOf(result).flatMap((line) => broken(line, width)), "", tables.join("\n\n")].join("\n");
}

function headingOf({ title, table, scale, dataset, seeds }: AnyResult): readonly string[] {
  const of = seeds.length === 1 ? `seed ${seeds[0]}` : `mean ± deviation of seeds ${seeds.join(", ")}`;
  return [title, `table ${table}, scale ${scale}: ${dataset}; ${of}; percent`];
}

/** The columns that matter: two metrics, the share of the gap, and what the table measures. */
function columnsOf({ rows, measures = [] }: TableResult): readonly Column[] {
  const share = (row: ResultRow): string => {
    const closed = shownShare(row, "top1");
    return closed === null ? notApplicable : percentText(closed);
  };
  return [
    { name: "row", cells: rows.map(({ label }) => label) },
    ...shownMetrics.map((metric) => ({
      name: metricTitles[metric],
      cells: rows.map(({ metrics }) => deviationText(metrics[metric])),
    })),
    ...(hasGap(rows) ? [{ name: "gap closed", cells: rows.map(share) }] : []),
    ...measureColumns(rows, measures),
  ];
}

function measureColumns(rows: readonly Pick<ResultRow, "details">[], measures: readonly Measure[]): readonly Column[] {
  return measures.map(({ id, title, decimals }) => ({
    name: title,
    cells: rows.map(({ details }) => {
      const detail = details?.[id];
      return detail === undefined ? notApplicable : measureText(detail, decimals);
    }),
  }));
}

/** The columns with a line of its own for each update, below which its rows are indented. */
function underHeadings(columns: readonly Column[], rows: readonly Pick<ResultRow, "group">[]): readonly Column[] {
  const runs = rowRuns(rows);
  return columns.map(({ name, cells }, column) => ({
    name,
    cells: runs.flatMap(({ group, rows: own }) => {
      const inside = own.map((row) => cells[rows.indexOf(row)] ?? "");
      if (group === null) return inside;
      return column === 0 ? [group, ...inside.map((cell) => `  ${cell}`)] : ["", ...inside];
    }),
  }));
}

/** Every published number that is known, with the sources named below; nothing if there is none. */
function publishedLines(rows: readonly ResultRow[], width: number): readonly string[] {
  const names = [...metricNames, "gapClosed"] as const;
  const entries = rows.flatMap(({ label, reported }) =>
    reported.filter((entry) => names.some((name) => entry[name] !== null)).map((entry) => ({ label, entry })),
  );
  if (entries.length === 0) return [];
  const sources = [...new Set(entries.map(({ entry }) => entry.source))];
  const column = (name: string, cell: (entry: Reported) => string): Column => ({
    name,
    cells: entries.map(({ entry }) => cell(entry)),
  });
  const known = names.filter((name) => entries.some(({ entry }) => entry[name] !== null));
  const number = (value: number | null): string => (value === null ? notApplicable : percentText(value));
  const columns = [
    { name: "published", cells: entries.map(({ label }) => label) },
    column("dataset", ({ dataset }) => dataset),
    ...known.map((name) =>
      column(name === "gapClosed" ? "gap closed" : metricTitles[name], (entry) => number(entry[name])),
    ),
    column("source", ({ source }) => `[${sources.indexOf(source) + 1}]`),
  ];
  const listed = sources.flatMap((source, index) => broken(`[${index + 1}] ${source}`, width, "    "));
  return ["", textTable(columns, width, ["dataset"]), ...listed];
}
