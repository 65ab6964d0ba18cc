import { type FrameLike, frameText } from "./frame-text";

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
