import type { Column } from "./columns";

/** A Markdown table. The first column and those named in `left` are flush left. */
export function markdownTable(columns: readonly Column[], left: readonly string[] = []): string {
  const rule = columns.map(({ name }, index) => (index === 0 || left.includes(name) ? ":--" : "--:"));
  const height = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const body = Array.from({ length: height }, (_, row) => columns.map(({ cells }) => cells[row] ?? ""));
  return [columns.map(({ name }) => name).map(escaped), rule, ...body.map((cells) => cells.map(escaped))]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** Text on one line of Markdown: "a ± b" is not broken, and angle brackets are literal. */
export function markdownLine(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll(" ± ", "\u00a0±\u00a0").replace(/[\\<]/g, "\\$&");
}

function escaped(cell: string): string {
  return markdownLine(cell).replaceAll("|", "\\|");
}
