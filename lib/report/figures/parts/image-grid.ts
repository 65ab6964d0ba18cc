import { lineHeight, pageWidth } from "../../plot/layout";
import { textLines, textWidth } from "../../plot/text-width";

/** An image to look at. A query stands apart from the hits, which are right or wrong. */
export interface ImageCell {
  /** Red, green and blue bytes, row by row. */
  readonly pixels: Uint8Array;
  readonly caption: string;
  readonly mark: "example" | "query" | "right" | "wrong";
}

/** A row of images with its name, for example the model that retrieved them. */
export interface ImageRow {
  readonly label: string;
  readonly cells: readonly ImageCell[];
}

/** The room around and between images, pixels as all sizes here. */
const edge = 14;
const between = 14;

/** Between a query and its hits, and between the rows of images of one search. */
const queryGap = 12;
const belowCaption = 8;

/** The room between an image and its caption. */
export const captionGap = 6;

/** The greatest width of rows' names beside the images, where columns are named. */
const nameWidth = 90;

const type = { size: 14 } as const;

/** What is written before a caption. */
export const signs: Readonly<Record<ImageCell["mark"], string>> = { example: "", query: "", right: "✓ ", wrong: "✗ " };

/** An image with its top left corner, its side and the lines of its caption, if it has its own. */
export interface PlacedCell {
  readonly cell: ImageCell;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly lines: readonly string[];
}

/** A row's name, from the left edge and vertically centred, or a column's, centred at its foot. */
export interface GridText {
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly centred: boolean;
}

interface Grid {
  readonly cells: readonly PlacedCell[];
  readonly texts: readonly GridText[];
  readonly height: number;
}

/** The columns of a grid: where they begin, how wide they are, and how many there are. */
interface GridColumns {
  readonly left: number;
  readonly step: number;
  readonly count: number;
}

/** Places images of a side of `size` on a page, with the names of rows and of columns. */
export function gridOf(rows: readonly ImageRow[], size: number): Grid {
  const shared = captionsInCommon(rows);
  const columns = columnsOf(rows, size, shared !== null);
  const cells: PlacedCell[] = [];
  const texts: GridText[] = [];
  let y = edge;
  if (shared !== null) {
    const lines = shared.slice(0, columns.count).map((text) => textLines(text, columns.step - 6, type));
    y += lineHeight * Math.max(...lines.map(({ length }) => length)) + captionGap;
    lines.forEach((each, index) => {
      texts.push({ lines: each, x: columns.left + index * columns.step + size / 2, y: y - captionGap, centred: true });
    });
  }
  for (const row of rows) {
    const beside = shared !== null;
    const lines = textLines(row.label, beside ? nameWidth : pageWidth - 2 * edge, type);
    const nameHeight = beside || row.label === "" ? 0 : lineHeight * lines.length + captionGap;
    texts.push({ lines, x: edge, y: beside ? y + size / 2 : y + nameHeight / 2 - 3, centred: false });
    const placed = rowAt(row, y + nameHeight, { columns, size, captions: !beside });
    cells.push(...placed.cells);
    y = placed.end;
  }
  return { cells, texts: texts.filter(({ lines }) => lines.join("") !== ""), height: y };
}

/** As many columns as fit, each as wide as its image and the longest word of a caption. */
function columnsOf(rows: readonly ImageRow[], size: number, beside: boolean): GridColumns {
  const names = rows.flatMap(({ label }) => textLines(label, nameWidth, type)).map((text) => textWidth(text, type));
  const left = beside ? edge + Math.max(0, ...names) + between : edge;
  const words = rows.flatMap(({ cells }) => cells.flatMap(({ caption }) => caption.split(/\s+/)));
  const widest = Math.max(0, ...words.map((word) => textWidth(word, type)));
  const most = Math.max(1, ...rows.map(({ cells }) => cells.length));
  const step = Math.min(Math.max(size + between, widest + 8), pageWidth - left - queryGap - edge);
  const fitting = Math.floor((pageWidth - left - queryGap - 4) / step);
  return { left: left + Math.max(0, (step - size) / 2 - between / 2), step, count: Math.min(most, fitting) };
}

/** The captions that every row has, column by column; null if rows differ or mark their images. */
function captionsInCommon(rows: readonly ImageRow[]): readonly string[] | null {
  const [first] = rows;
  if (first === undefined || rows.length < 2) return null;
  const captions = first.cells.map(({ caption }) => caption);
  const alike = rows.every(
    ({ cells }) =>
      cells.length === captions.length &&
      cells.every(({ caption, mark }, index) => mark === "example" && caption === captions[index]),
  );
  return alike ? captions : null;
}

interface RowRoom {
  readonly columns: GridColumns;
  readonly size: number;
  /** Whether each image has a caption of its own. */
  readonly captions: boolean;
}

/** A row's images from left to right, hits apart from the query, in several lines if need be. */
function rowAt(
  { cells }: ImageRow,
  top: number,
  { columns, size, captions }: RowRoom,
): { readonly cells: readonly PlacedCell[]; readonly end: number } {
  const query = cells[0]?.mark === "query" ? 1 : 0;
  const perLine = Math.max(1, columns.count - query);
  const lined = cells.map((cell) =>
    captions ? textLines(`${signs[cell.mark]}${cell.caption}`, columns.step - 2, type) : [],
  );
  const captionHeight = captions ? captionGap + lineHeight * Math.max(1, ...lined.map(({ length }) => length)) : 0;
  const step = size + captionHeight + belowCaption + (captions ? 0 : between - belowCaption);
  const placed = cells.map((cell, index) => {
    const hit = index - query;
    const column = hit < 0 ? 0 : query + (hit % perLine);
    const x = columns.left + column * columns.step + (hit < 0 ? 0 : query * queryGap);
    return { cell, x, y: top + Math.max(0, Math.floor(hit / perLine)) * step, size, lines: lined[index] ?? [] };
  });
  const rows = Math.max(1, Math.ceil((cells.length - query) / perLine));
  return { cells: placed, end: top + rows * step };
}
