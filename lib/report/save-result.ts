import { join } from "node:path";
import { resultsFolder } from "../core/paths";
import { writeAtomically } from "../core/store";
import type { TableResult } from "../experiments/result";
import { resultJson } from "../experiments/result-file";
import { figuresOf } from "./figures-of";
import { resultMarkdown } from "./markdown";
import { renderFigure } from "./render";

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
