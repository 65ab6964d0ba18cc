import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import type { TableResult } from "../../experiments/results/result";
import { resultColumns } from "./columns";

/** The printed table of a result (see resultColumns) as a data frame of text cells; RangeError when it has no rows. */
export function resultFrame(result: TableResult): DataFrame {
  if (result.rows.length === 0) throw new RangeError(`the result of table ${result.table} has no rows`);
  const { DataFrame } = danfo();
  return new DataFrame(Object.fromEntries(resultColumns(result).map(({ name, cells }) => [name, [...cells]])));
}

/** Loaded on first use, since it takes over a second and brings TensorFlow along. */
function danfo(): typeof import("danfojs-node") {
  return createRequire(__filename)("danfojs-node") as typeof import("danfojs-node");
}

/** What a danfojs data frame shows of itself: column names and rows of cells. */
export interface FrameLike {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

/** A data frame as cells of text, and whether a column holds figures, which are set flush right. */
interface FrameText {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly numeric: readonly boolean[];
}

/** The cells of a data frame as text: at most four decimals, null and NaN as a dash. */
function frameText({ columns, values }: FrameLike): FrameText {
  const rows = values.map((row) => (Array.isArray(row) ? row : [row]).map(cellText));
  const numeric = columns.map((_, column) => rows.every((row) => figure.test(row[column] ?? "")));
  return { header: columns, rows, numeric };
}

/** A data frame as lines of aligned plain text. */
export function frameLines(frame: FrameLike): string {
  const { header, rows, numeric } = frameText(frame);
  const widths = header.map((name, column) => Math.max(...[name, ...rows.map((row) => row[column] ?? "")].map(length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const figure = /^([-−+]?\d.*|—|not available)$/;

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined || Number.isNaN(cell)) return "—";
  return typeof cell === "number" ? String(Number(cell.toFixed(4))) : String(cell);
}

function length(text: string): number {
  return text.length;
}

/** A data frame as an HTML table: text flush left, figures flush right, every cell escaped, no figure broken over lines. */
export function frameHtml(frame: FrameLike): string {
  const { header, rows, numeric } = frameText(frame);
  const line = (tag: "th" | "td", cells: readonly string[]): string =>
    `<tr>${cells.map((cell, column) => cellHtml(tag, cell, numeric[column] ?? false)).join("")}</tr>`;
  return [
    "<table>",
    `<thead>${line("th", header)}</thead>`,
    "<tbody>",
    ...rows.map((row) => line("td", row)),
    "</tbody>",
    "</table>",
  ].join("\n");
}

function cellHtml(tag: "th" | "td", cell: string, numeric: boolean): string {
  const text = numeric && tag === "td" ? escapedHtml(cell).replaceAll(" ", "&nbsp;") : escapedHtml(cell);
  const style = numeric ? "text-align: right" : "text-align: left; min-width: 12em";
  return `<${tag} style="${style}">${text}</${tag}>`;
}

function escapedHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
