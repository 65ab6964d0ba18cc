import type { TableResult } from "../experiments/result";
import { curveFigure } from "./curve-figure";
import type { Figure } from "./figure";
import { gapFigure, gapRows } from "./gap-figure";
import { lossFigure } from "./loss-figure";
import { matrixFigure } from "./matrix-figure";
import { tableFigure } from "./table-figure";

/** The figures of a result that are saved beside it, by the ending of their file's name: those that it has something for. */
export function figuresOf(result: TableResult): Readonly<Record<string, Figure>> {
  return {
    rows: tableFigure(result),
    ...(gapRows(result.rows).length > 0 ? { gap: gapFigure(result) } : {}),
    loss: lossFigure(result.histories),
    ...(hasCurves(result) ? { curve: curveFigure(result) } : {}),
    ...(hasMatrix(result) ? { matrix: matrixFigure(result) } : {}),
  };
}

/** The ending of the figure that says most: the curves or the matrix where there is one, otherwise the rows. */
export function mainFigureOf(result: TableResult): "curve" | "matrix" | "rows" {
  if (hasCurves(result)) return "curve";
  return hasMatrix(result) ? "matrix" : "rows";
}

function hasCurves({ rows }: TableResult): boolean {
  return rows.some(({ curve }) => curve !== undefined);
}

function hasMatrix({ rows }: TableResult): boolean {
  return rows.some(({ cell }) => cell !== undefined);
}
