import type { Cell, ResultRow } from "../../../experiments/results/result";
import { lineHeight, pageWidth } from "../../plot/layout";
import { textLines, textWidth } from "../../plot/text-width";

/** Matrices of more columns than this, or with unlike query models, fill the page's width alone. */
const narrowColumns = 4;

/** The height of a cell with a number alone, or with its interval; pixels as all sizes here. */
const cellHeights = { plain: 36, interval: 46 } as const;

/** Between a name and the cells. */
const nameGap = 8;

/**
 * Room for the title of a panel and of an axis, for a query model's name at most, right of the
 * panels, and between two of them, in panels.
 */
export const matrixRoom = { title: 32, axisTitle: 30, query: 120, right: 16, panelGap: 0.12 } as const;

/** A row of the result and its cell. */
export type CellRow = ResultRow & { readonly cell: Cell };

/** The cells of one panel; its query and gallery models are in order of first mention. */
export interface CellMatrix {
  readonly name: string;
  readonly cells: readonly CellRow[];
  readonly queries: readonly string[];
  readonly galleries: readonly string[];
}

/** The matrices of the rows that have a cell. */
export function matricesOf(rows: readonly ResultRow[]): readonly CellMatrix[] {
  const cells = rows.flatMap((row) => (row.cell === undefined ? [] : [{ ...row, cell: row.cell }]));
  return [...new Set(cells.map(({ cell }) => cell.panel))].map((name) => {
    const own = cells.filter(({ cell }) => cell.panel === name);
    const queries = [...new Set(own.map(({ cell }) => cell.row))];
    return { name, cells: own, queries, galleries: [...new Set(own.map(({ cell }) => cell.column))] };
  });
}

/** How the panels are laid out, pixels. */
interface MatrixPage {
  readonly columns: number;
  readonly panelWidth: number;
  readonly height: number;
  /** Below a panel, for its gallery models, and between two rows of panels. */
  readonly below: number;
  readonly between: number;
  readonly left: number;
  /** The width of a gallery model's name. */
  readonly gallerySpan: number;
  /** Whether cells have room for intervals below their numbers. */
  readonly intervals: boolean;
}

/** Two matrices beside each other if they are narrow and have the same query models. */
export function matrixPage(matrices: readonly CellMatrix[]): MatrixPage {
  const most = (of: (matrix: CellMatrix) => number): number => Math.max(1, ...matrices.map(of));
  const wide = matrices.some(({ galleries }) => galleries.length > narrowColumns);
  const alike = new Set(matrices.map(({ queries }) => JSON.stringify(queries))).size === 1;
  const columns = wide || !alike || matrices.length < 2 ? 1 : 2;
  const queryLines = matrices.flatMap(({ queries }) => queries.map((name) => nameLines(name, matrixRoom.query)));
  const names = Math.max(0, ...queryLines.flat().map((text) => textWidth(text, { size: 14 })));
  const left = Math.ceil(names) + nameGap + matrixRoom.axisTitle;
  const panelWidth = (pageWidth - left - matrixRoom.right) / (columns + matrixRoom.panelGap * (columns - 1));
  const gallerySpan = panelWidth / most(({ galleries }) => galleries.length) - 4;
  const lines = most(({ galleries }) => Math.max(1, ...galleries.map((name) => nameLines(name, gallerySpan).length)));
  const intervals = matrices.some(({ cells }) => cells.some(({ metrics }) => metrics.top1.interval !== undefined));
  const cellHeight = intervals ? cellHeights.interval : cellHeights.plain;
  const tallest = Math.max(cellHeight, lineHeight * Math.max(1, ...queryLines.map(({ length }) => length)) + nameGap);
  const below = lineHeight * lines + nameGap;
  return {
    ...{ columns, panelWidth, below, left, gallerySpan, intervals },
    height: tallest * most(({ queries }) => queries.length),
    between: below + matrixRoom.title,
  };
}

/** A model's name in lines. */
export function nameLines(name: string, width: number): readonly string[] {
  return textLines(name, width, { size: 14 });
}
