import { type AnyResult, isOfLanguage } from "../experiments/language/language-result";
import type { Reported, ResultRow, TableResult } from "../experiments/results/result";
import { languageMarkdown, languageSection } from "./language-markdown";
import { type Column, gapTitle, groupColumn, hasGap, resultColumns, withGroupsOnce } from "./text/columns";
import { markdownLine, markdownTable } from "./text/markdown-table";
import { noteList, runLine, titleLine } from "./text/result-lines";
import { publicationsOf, reportedBy, shownShare } from "./text/rows";
import {
  bracketText,
  metricNames,
  metricTitles,
  notApplicable,
  notAvailable,
  percentText,
  summaryText,
} from "./text/text";

/**
 * A result as a Markdown document: the table, how to read it, every published number with its
 * source, and the run.
 */
export function resultMarkdown(result: AnyResult): string {
  if (isOfLanguage(result)) return languageMarkdown(result);
  return `${[
    `# ${markdownLine(result.title)}`,
    titleLine(result),
    markdownTable(withGroupsOnce(resultColumns(result), result.rows), ["row"]),
    ...noteList(result.notes ?? []),
    ...caption(result.rows),
    ...publishedSection(result.rows),
    runLine(result),
  ].join("\n\n")}\n`;
}

/**
 * A result as a part of another document: what it is, the table with numbers for the published
 * columns, its notes, the sources behind those numbers, and the run.
 */
export function resultSection(result: AnyResult): string {
  if (isOfLanguage(result)) return languageSection(result);
  const [columns, ...sources] = numberedSources(result, withGroupsOnce(resultColumns(result), result.rows));
  return [
    titleLine(result),
    markdownTable(columns, ["row"]),
    ...noteList(result.notes ?? []),
    ...curveCaption(result.rows),
    ...sources,
    runLine(result),
  ].join("\n\n");
}

/** A result at a glance: top-1, mAP and the share of the gap closed beside the published shares. */
export function resultSummary(result: TableResult): string {
  const { rows } = result;
  const sources = [...new Set(publicationsOf(rows).map(({ source }) => source))];
  const origin = sources.length === 0 ? "" : ` Published shares: ${sources.map(markdownLine).join("; ")}.`;
  const columns = [
    { name: "row", cells: rows.map(({ label }) => label) },
    { name: "top-1 (%)", cells: rows.map(({ metrics }) => summaryText(metrics.top1)) },
    { name: "mAP (%)", cells: rows.map(({ metrics }) => summaryText(metrics.mAP)) },
    { name: gapTitle, cells: rows.map(gapText) },
    ...publishedColumn(rows),
  ];
  return [`${titleLine({ ...result, measures: [] })}${origin}`, markdownTable(columns)].join("\n\n");
}

/**
 * Every published share of a row in one cell, dataset by dataset. If several sources report on a
 * dataset, the first that has a share counts. No column if nothing was published.
 */
function publishedColumn(rows: readonly ResultRow[]): readonly Column[] {
  const publications = publicationsOf(rows);
  const datasets = [...new Set(publications.map(({ dataset }) => dataset))];
  if (datasets.length === 0) return [];
  const share = (row: ResultRow, dataset: string): number | null => {
    const entries = publications.filter((publication) => publication.dataset === dataset);
    const [first] = entries.flatMap((entry) => reportedBy(entry, row)?.gapClosed ?? []);
    return first ?? null;
  };
  const cell = (row: ResultRow): string => {
    const shares = shownShare(row, "top1") === null ? [] : datasets.map((dataset) => share(row, dataset));
    return shares.every((known) => known === null) ? notApplicable : shares.map(shareText).join(" / ");
  };
  return [{ name: `published share, top-1: ${datasets.join(" / ")} (%)`, cells: rows.map(cell) }];
}

/** A share of the gap, with its interval unless the row is an end of the gap. */
function gapText(row: ResultRow): string {
  const ends = row.gapInterval?.top1 ?? null;
  const isEnd = ends === null || ends[0] === ends[1];
  return `${shareText(shownShare(row, "top1"))} ${isEnd ? "" : bracketText(ends)}`.trim();
}

function shareText(share: number | null): string {
  return share === null ? notApplicable : percentText(share);
}

/** The columns with "published [1]" for a source, and the line that resolves those numbers. */
function numberedSources({ rows }: TableResult, columns: readonly Column[]): readonly [readonly Column[], ...string[]] {
  const publications = hasGap(rows) ? publicationsOf(rows) : [];
  const first = columns.length - publications.length;
  const numbered = columns.map((column, index) =>
    index < first ? column : { ...column, name: `published [${index - first + 1}] (%)` },
  );
  const sources = publications.map(
    ({ dataset, source }, index) => `[${index + 1}] ${markdownLine(`${dataset}, ${source}`)}`,
  );
  return sources.length === 0 ? [numbered] : [numbered, `Published shares of the gap: ${sources.join("; ")}.`];
}

/** One paragraph, or none if there is nothing to say. */
function caption(rows: readonly ResultRow[]): readonly string[] {
  const share = "Gap closed: the share of the way from old/old to new/new that an update of the old gallery gains.";
  const none = "It is — too where the 95 % interval of the gap does not lie above zero.";
  const isUncertain = rows.some((row) => row.gapClosed.top1 !== null && shownShare(row, "top1") === null);
  const compared = hasGap(rows)
    ? "rows are compared by the share of the gap closed and by the order of the methods, not point by point."
    : "rows are compared by the order of the methods, not point by point.";
  const published = `Published numbers were measured on the dataset and with the recipe of their source: ${compared}`;
  const sentences = [
    ...(hasGap(rows) ? [share] : []),
    ...(hasGap(rows) && isUncertain ? [none] : []),
    ...curveCaption(rows),
    ...(rows.some(({ reported }) => reported.length > 0) ? [published] : []),
  ];
  return sentences.length === 0 ? [] : [sentences.join(" ")];
}

/** What the metrics of rows with a curve are; nothing if no row has one. */
function curveCaption(rows: readonly ResultRow[]): readonly string[] {
  const curves = rows.filter(({ curve }) => curve !== undefined).length;
  if (curves === 0) return [];
  const which = curves === rows.length ? "Every row" : "A row that fills the gallery step by step";
  const auc = "the area under the curve (AUC): their mean over the shares of the gallery that are the new model's own";
  return [`${which} has as its metrics ${auc}.`];
}

function publishedSection(rows: readonly ResultRow[]): readonly string[] {
  const entries = rows.flatMap(({ reported, ...row }) => reported.map((entry) => ({ ...row, entry })));
  if (entries.length === 0) return [];
  const column = (name: string, cell: (entry: Reported) => string): Column => ({
    name,
    cells: entries.map(({ entry }) => cell(entry)),
  });
  const withShare = entries.some(({ entry }) => entry.gapClosed !== null);
  const table = [
    ...groupColumn(entries),
    { name: "row", cells: entries.map(({ label }) => label) },
    column("dataset", ({ dataset }) => dataset),
    ...metricNames.map((metric) => column(`${metricTitles[metric]} (%)`, (entry) => known(entry[metric]))),
    ...(withShare ? [column(gapTitle, ({ gapClosed }) => known(gapClosed))] : []),
    column("source", ({ source }) => source),
  ];
  return ["## Published numbers", markdownTable(table, ["row", "dataset", "source"])];
}

function known(percent: number | null): string {
  return percent === null ? notAvailable : percentText(percent);
}
