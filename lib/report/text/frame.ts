import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import type { TableResult } from "../../experiments/results/result";
import { resultColumns } from "./columns";

/**
 * The printed table of a result (see `resultColumns`) as a danfojs data frame of text cells. Throws
 * RangeError if the result has no rows.
 */
export function resultFrame(result: TableResult): DataFrame {
  if (result.rows.length === 0) throw new RangeError(`the result of table ${result.table} has no rows`);
  const { DataFrame } = danfo();
  return new DataFrame(Object.fromEntries(resultColumns(result).map(({ name, cells }) => [name, [...cells]])));
}

/** Loads danfojs on first use: it takes over a second and brings TensorFlow along. */
function danfo(): typeof import("danfojs-node") {
  return createRequire(__filename)("danfojs-node") as typeof import("danfojs-node");
}

/** The part of a danfojs data frame that is shown: column names and rows of cells. */
export interface FrameLike {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

/** A data frame as cells of text. Columns that hold only numbers are set flush right. */
interface FrameText {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly numeric: readonly boolean[];
}

/** The cells of a data frame as text: at most four decimals, a dash for null and NaN. */
function frameText({ columns, values }: FrameLike): FrameText {
  const rows = values.map((row) => (Array.isArray(row) ? row : [row]).map(cellText));
  const numeric = columns.map((_, column) => rows.every((row) => numberLike.test(row[column] ?? "")));
  return { header: columns, rows, numeric };
}

/** A data frame as lines of aligned plain text. */
export function frameLines(frame: FrameLike): string {
  const { header, rows, numeric } = frameText(frame);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const padded = (cell: string, column: number): string =>
    numeric[column] ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number);
  const line = (cells: readonly string[]): string => cells.map(padded).join("  ").trimEnd();
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** A number, or what stands in its place. */
const numberLike = /^([-−+]?\d.*|—|not available)$/;

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined || Number.isNaN(cell)) return "—";
  return typeof cell === "number" ? String(Number(cell.toFixed(4))) : String(cell);
}

/** A data frame as an HTML table: cells are escaped, numbers flush right and never broken. */
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
