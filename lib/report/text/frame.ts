import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import type { AnyResult } from "../../experiments/language/language-result";
import { type Column, type Field, resultFields } from "./columns";
import { deviatingText } from "./text";

/**
 * The table of a result (see `resultFields`) as a danfojs data frame of numbers, NaN where there is
 * none. Where several seeds ran, the deviations of a column follow it in one of its own, and both
 * are shown as one, "55.7 ± 2.2". Throws RangeError if the result has no rows.
 */
export function resultFrame(result: AnyResult): DataFrame {
  if (result.rows.length === 0) throw new RangeError(`the result of table ${result.table} has no rows`);
  const fields = resultFields(result);
  const { DataFrame } = danfo();
  const frame = new DataFrame(Object.fromEntries(fields.flatMap(frameColumns)));
  const decimals = fields.flatMap((field) => (field.kind === "text" ? [] : [[field.name, field.decimals] as const]));
  decimalsOf.set(frame, new Map(decimals));
  return frame;
}

/** The decimals of the columns of frames that were made here. */
const decimalsOf = new WeakMap<object, ReadonlyMap<string, number>>();

/** What the name of a column of deviations adds to that of the means before it. */
const deviationsOf = ", sd";

function frameColumns(field: Field): readonly (readonly [string, readonly (number | string)[]])[] {
  if (field.kind === "text") return [[field.name, [...field.cells]]];
  const means = [field.name, field.means.map(orNaN)] as const;
  if (field.deviations.every((deviation) => deviation === null)) return [means];
  return [means, [`${field.name}${deviationsOf}`, field.deviations.map(orNaN)]];
}

function orNaN(value: number | null): number {
  return value ?? Number.NaN;
}

/** Loads danfojs on first use: it takes over a second and brings TensorFlow along. */
function danfo(): typeof import("danfojs-node") {
  return createRequire(__filename)("danfojs-node") as typeof import("danfojs-node");
}

/** The part of a danfojs data frame or series that is shown: names, rows of cells, row names. */
export interface FrameLike {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
  readonly index?: readonly (number | string)[];
}

/** A data frame as cells of text. Columns that hold only numbers are set flush right. */
interface FrameText {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly numeric: readonly boolean[];
}

/**
 * The cells of a data frame as text. Percentages of a result have one decimal, other numbers at
 * most four; a dash stands for null and NaN; rows that have names begin with them. A column of
 * deviations is joined to that of its means.
 */
function frameText(frame: FrameLike): FrameText {
  const rows = frame.values.map((row) => (Array.isArray(row) ? row : [row]));
  const names = frame.index?.some((name) => typeof name === "string") ? frame.index : null;
  const columns = names === null ? joinedColumns(frame, rows) : separateColumns(frame, rows);
  const all = names === null ? columns : [{ name: "", cells: names.map(String) }, ...columns];
  return {
    header: all.map(({ name }) => name),
    rows: rows.map((_, row) => all.map(({ cells }) => cells[row] ?? "")),
    numeric: all.map(({ cells }) => cells.every((cell) => numberLike.test(cell))),
  };
}

type Rows = readonly (readonly unknown[])[];

function separateColumns({ columns }: FrameLike, rows: Rows): readonly Column[] {
  return columns.map((name, at) => ({ name, cells: rows.map((row) => cellText(row[at])) }));
}

function joinedColumns(frame: FrameLike, rows: Rows): readonly Column[] {
  const { columns } = frame;
  return columns.flatMap((name, at) => {
    if (name === `${columns[at - 1]}${deviationsOf}`) return [];
    const hasDeviations = columns[at + 1] === `${name}${deviationsOf}`;
    const decimals = decimalsOf.get(frame)?.get(name) ?? (/ \((%|points)\)$/.test(name) ? 1 : null);
    return [{ name, cells: rows.map((row) => numberText(row[at], hasDeviations ? row[at + 1] : null, decimals)) }];
  });
}

function numberText(value: unknown, deviation: unknown, decimals: number | null): string {
  if (typeof value !== "number" || Number.isNaN(value)) return cellText(value);
  const known = typeof deviation === "number" && !Number.isNaN(deviation) ? deviation : null;
  if (decimals !== null) return deviatingText(value, known, decimals);
  return known === null ? cellText(value) : `${cellText(value)} ± ${cellText(known)}`;
}

/** A data frame as lines of aligned plain text. */
export function frameLines(frame: FrameLike): string {
  const { header, rows, numeric } = frameText(frame);
  const widths = header.map((name, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), name.length),
  );
  const padded = (cell: string, column: number): string =>
    numeric[column] ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number);
  const line = (cells: readonly string[]): string => cells.map(padded).join("  ").trimEnd();
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** A number, or what stands in its place. */
const numberLike = /^([-−+]?\d.*|—)$/;

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
