import { join } from "node:path";
import { resultsFolder } from "../core/paths";
import { writeAtomically } from "../core/store";
import type { TableResult } from "../experiments/result";
import { resultJson } from "../experiments/result-file";
import type { Figure } from "./figure";
import { gapFigure } from "./gap-figure";
import { lossFigure } from "./loss-figure";
import { resultMarkdown } from "./markdown";
import { renderFigure } from "./render";
import { tableFigure } from "./table-figure";

/** The figures that every result has, by the ending of their file's name. */
export function figuresOf(result: TableResult): Readonly<Record<string, Figure>> {
  return { rows: tableFigure(result), gap: gapFigure(result), loss: lossFigure(result.histories) };
}

/** Writes results/<scale>/<table>.json, .md and the figures as PNG and SVG; gives the paths. Equal results give equal files. */
export async function saveResult(result: TableResult): Promise<readonly string[]> {
  const path = (ending: string): string => join(resultsFolder(), result.scale, `${result.table}${ending}`);
  const files: [string, string | Uint8Array][] = [
    [path(".json"), resultJson(result)],
    [path(".md"), resultMarkdown(result)],
  ];
  for (const [name, figure] of Object.entries(figuresOf(result))) {
    const { png, svg } = await renderFigure(figure, { scale: 2 });
    files.push([path(`-${name}.png`), png], [path(`-${name}.svg`), svg]);
  }
  for (const [file, content] of files) writeAtomically(file, content);
  return files.map(([file]) => file);
}
