import type { Reported, ResultRow, TableResult } from "../experiments/results/result";
import { type Column, gapTitle, groupColumn, hasGap, resultColumns, withGroupsOnce } from "./text/columns";
import { markdownLine, markdownTable } from "./text/markdown-table";
import { metricNames, metricTitles, notAvailable, percentText } from "./text/text";

/** A result as a Markdown document: the table, how to read it, every published number with its source, and the run. */
export function resultMarkdown(result: TableResult): string {
  return `${[
    `# ${result.title}`,
    titleLine(result),
    resultTable(result),
    ...noteList(result),
    ...caption(result.rows),
    ...publishedSection(result.rows),
    runLine(result),
  ].join("\n\n")}\n`;
}

/** The table alone, with the line that says what it is, its notes and the line that says how it was made, to stand in another document. */
export function resultSection(result: TableResult): string {
  return [
    titleLine(result),
    resultTable(result),
    ...noteList(result),
    ...curveCaption(result.rows),
    runLine(result),
  ].join("\n\n");
}

function resultTable(result: TableResult): string {
  return markdownTable(withGroupsOnce(resultColumns(result), result.rows), ["row"]);
}

function noteList({ notes = [] }: TableResult): readonly string[] {
  return notes.length === 0 ? [] : [notes.map((note) => `- ${markdownLine(note)}`).join("\n")];
}

/** One paragraph, none where there is nothing to say. */
function caption(rows: readonly ResultRow[]): readonly string[] {
  const share = "Gap closed: the share of the way from old/old to new/new that an update of the old gallery gains.";
  const compared = hasGap(rows)
    ? "rows are compared by the share of the gap closed and by the order of the methods, not point by point."
    : "rows are compared by the order of the methods, not point by point.";
  const published = `Published numbers were measured on the dataset and with the recipe of their source: ${compared}`;
  const sentences = [
    ...(hasGap(rows) ? [share] : []),
    ...curveCaption(rows),
    ...(rows.some(({ reported }) => reported.length > 0) ? [published] : []),
  ];
  return sentences.length === 0 ? [] : [sentences.join(" ")];
}

/** What the metrics of rows with a curve are; nothing where no row has one. */
function curveCaption(rows: readonly ResultRow[]): readonly string[] {
  const curves = rows.filter(({ curve }) => curve !== undefined).length;
  if (curves === 0) return [];
  const which = curves === rows.length ? "Every row" : "A row that fills the gallery step by step";
  const auc = "the area under the curve (AUC): their mean over the shares of the gallery that are the new model's own";
  return [`${which} has as its metrics ${auc}.`];
}

function titleLine({ table, scale, dataset, seeds }: TableResult): string {
  const several = seeds.length > 1 ? " (mean ± standard deviation over the seeds)" : " (a single run)";
  const runs = `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}${several}`;
  return `Table \`${table}\`, scale \`${scale}\`: ${dataset}; ${runs}.`;
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

function runLine({ run, fingerprint }: TableResult): string {
  const { node, tensorflow, platform, device, cores, memoryGiB, commit } = run.environment;
  return (
    `Run of ${run.date}: ${Math.round(run.trainingSeconds)} s of training on ${device}, ${cores} cores, ${Math.round(memoryGiB)} GiB, ` +
    `${platform}, node ${node}, TensorFlow ${tensorflow}, commit ${commit ?? "unknown"}. Declaration \`${fingerprint}\`.`
  );
}
