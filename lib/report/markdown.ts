import type { Reported, ResultRow, TableResult } from "../experiments/result";
import { markdownTable } from "./markdown-table";
import { metricNames, metricTitles } from "./metric-titles";
import { notAvailable, percentText } from "./percent-text";
import { type Column, resultColumns } from "./result-columns";

/** A result as a Markdown document: the table, how to read it, every published number with its source, and the run. */
export function resultMarkdown(result: TableResult): string {
  return `${[
    `# ${result.title}`,
    titleLine(result),
    markdownTable(resultColumns(result)),
    caption(result.rows),
    ...publishedSection(result.rows),
    runLine(result),
  ].join("\n\n")}\n`;
}

/** The table alone, with the line that says what it is and the line that says how it was made, to stand in another document. */
export function resultSection(result: TableResult): string {
  return [titleLine(result), markdownTable(resultColumns(result)), runLine(result)].join("\n\n");
}

function caption(rows: readonly ResultRow[]): string {
  const share = "Gap closed: the share of the way from old/old to new/new that an update of the old gallery gains.";
  const published =
    "Published numbers were measured on the dataset and with the recipe of their source: rows are compared by the share " +
    "of the gap closed and by the order of the methods, not point by point.";
  return rows.some(({ reported }) => reported.length > 0) ? `${share} ${published}` : share;
}

function titleLine({ table, scale, dataset, seeds }: TableResult): string {
  const several = seeds.length > 1 ? " (mean ± standard deviation over the seeds)" : " (a single run)";
  const runs = `${seeds.length === 1 ? "seed" : "seeds"} ${seeds.join(", ")}${several}`;
  return `Table \`${table}\`, scale \`${scale}\`: ${dataset}; ${runs}.`;
}

function publishedSection(rows: readonly ResultRow[]): readonly string[] {
  const entries = rows.flatMap(({ label, reported }) => reported.map((entry) => ({ label, entry })));
  if (entries.length === 0) return [];
  const column = (name: string, cell: (entry: Reported) => string): Column => ({
    name,
    cells: entries.map(({ entry }) => cell(entry)),
  });
  const table = [
    { name: "row", cells: entries.map(({ label }) => label) },
    column("dataset", ({ dataset }) => dataset),
    ...metricNames.map((metric) => column(`${metricTitles[metric]} (%)`, (entry) => known(entry[metric]))),
    column("gap closed, top-1 (%)", ({ gapClosed }) => known(gapClosed)),
    column("source", ({ source }) => source),
  ];
  return ["## Published numbers", markdownTable(table, ["dataset", "source"])];
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
