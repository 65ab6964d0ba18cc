import type { Column } from "../text/columns";

// Between two columns.
const gap = 2;

/** How wide the first column may be kept for others to fit beside it. */
const leastFirst = 20;

/**
 * Columns as lines of aligned text that fit in `width` if at all possible: the first column and
 * those named in `left` flush left, the others flush right. Names of the others break between
 * words, and so do the cells of the first column.
 */
export function textTable(columns: readonly Column[], width: number, left: readonly string[] = []): string {
  const [first, ...others] = columns;
  if (first === undefined) return "";
  const widths = others.map(({ name, cells }) =>
    longest([...(left.includes(name) ? [name] : name.split(" ")), ...cells]),
  );
  const rest = widths.reduce((sum, each) => sum + each + gap, 0);
  const wanted = longest([first.name, ...first.cells]);
  const firstWidth = Math.min(wanted, Math.max(leastFirst, width - rest));
  const places = [firstWidth, ...widths];
  const flushLeft = columns.map(({ name }, index) => index === 0 || left.includes(name));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (flushLeft[index] ? cell.padEnd(places[index] ?? 0) : cell.padStart(places[index] ?? 0)))
      .join(" ".repeat(gap))
      .trimEnd();
  const header = bottomAligned(columns.map(({ name }, index) => broken(name, places[index] ?? 0)));
  const rows = first.cells.map((cell, row) =>
    topAligned([indented(cell, firstWidth), ...others.map(({ cells }) => [cells[row] ?? ""])]),
  );
  const rule = places.map((each) => "-".repeat(each));
  return [...header, rule, ...rows.flat()].map(line).join("\n");
}

/**
 * The same as as many tables as it takes for all to fit in `width`, each with the first column.
 */
export function textTables(columns: readonly Column[], width: number): readonly string[] {
  const [first, ...others] = columns;
  if (first === undefined) return [];
  const parts: Column[][] = [[]];
  for (const column of others) {
    const part = parts.at(-1) ?? [];
    const wider = textTable([first, ...part, column], width);
    if (part.length === 0 || longest(wider.split("\n")) <= width) part.push(column);
    else parts.push([column]);
  }
  return parts.map((part) => textTable([first, ...part], width));
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length));
}

/** A text broken between words into lines of at most `width`, if its words are no longer. */
export function broken(text: string, width: number, indent = ""): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined) lines.push(word);
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}

/** A cell on several lines if need be, the further ones two columns further in than the first. */
function indented(cell: string, width: number): readonly string[] {
  const [start = ""] = /^ */.exec(cell) ?? [];
  return broken(cell.trimStart(), width - start.length, "  ").map((line) => start + line);
}

/** Cells of several lines as rows of cells of one line. */
function topAligned(cells: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, row) => cells.map((lines) => lines[row] ?? ""));
}

function bottomAligned(cells: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const height = Math.max(...cells.map(({ length }) => length));
  return topAligned(cells.map((lines) => [...Array.from({ length: height - lines.length }, () => ""), ...lines]));
}
