import { join } from "node:path";
import { writeAtomically } from "../core/artifacts/store";
import { resultsFolder } from "../core/paths";
import type { TableResult } from "../experiments/results/result";
import { resultJson } from "../experiments/results/result-file";
import { curveFigure } from "./figures/curve";
import { gapFigure, gapRows } from "./figures/gap";
import { lossFigure } from "./figures/loss";
import { matrixFigure } from "./figures/matrix";
import { tableFigure } from "./figures/table";
import { resultMarkdown } from "./markdown";
import type { Figure } from "./plot/figure";
import { renderFigure } from "./render/render";

/**
 * Writes results/<scale>/<table>.json, .md and the figures as PNG, SVG and PDF, and returns their
 * paths. Equal results give equal files.
 */
export async function saveResult(result: TableResult): Promise<readonly string[]> {
  const path = (ending: string): string => join(resultsFolder(), result.scale, `${result.table}${ending}`);
  const files: [string, string | Uint8Array][] = [
    [path(".json"), resultJson(result)],
    [path(".md"), resultMarkdown(result)],
  ];
  for (const [name, figure] of Object.entries(figuresOf(result))) {
    const { png, svg, pdf } = await renderFigure(figure, { scale: 2 });
    files.push([path(`-${name}.png`), png], [path(`-${name}.svg`), svg], [path(`-${name}.pdf`), pdf]);
  }
  for (const [file, content] of files) writeAtomically(file, content);
  return files.map(([file]) => file);
}

/** The figures that a result has numbers for, by the ending of their files' names. */
function figuresOf(result: TableResult): Readonly<Record<string, Figure>> {
  return {
    rows: tableFigure(result),
    ...(gapRows(result.rows).length > 0 ? { gap: gapFigure(result) } : {}),
    loss: lossFigure(result.histories),
    ...(hasCurves(result) ? { curve: curveFigure(result) } : {}),
    ...(hasMatrix(result) ? { matrix: matrixFigure(result) } : {}),
  };
}

/** The ending of the figure that says most: curves or a matrix if there are any, else the rows. */
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
