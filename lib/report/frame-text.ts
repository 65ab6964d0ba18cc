/** What a danfojs data frame shows of itself: column names and rows of cells. */
export interface FrameLike {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

/** A data frame as cells of text, and whether a column holds figures, which are set flush right. */
export interface FrameText {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly numeric: readonly boolean[];
}

/** The cells of a data frame as text: at most four decimals, null and NaN as a dash. */
export function frameText({ columns, values }: FrameLike): FrameText {
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
