import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readSealed, writeAtomically } from "../core/artifacts/store";
import { InputError } from "../core/input-error";
import { cacheFolder, committedFolder, runsFolder, setting, unlessMissing } from "../core/paths";
import { anyResultJson } from "../experiments/language/kinds/any-result-file";
import { type AnyResult, isOfLanguage } from "../experiments/language/language-result";
import { queriesFile } from "../experiments/results/query-results";
import type { QueriesRecord, TableResult } from "../experiments/results/result";
import { curveFigure } from "./figures/curve";
import { detailFigure } from "./figures/detail";
import { flipsFigure } from "./figures/flips";
import { gapFigure, gapRows } from "./figures/gap";
import { lossFigure } from "./figures/loss";
import { matrixFigure } from "./figures/matrix";
import { tableFigure } from "./figures/table";
import { resultMarkdown } from "./markdown";
import type { Figure } from "./plot/figure";
import { renderFigure } from "./render/render";

/**
 * Writes <table>.json, .md, the results of every query and the figures as PNG, SVG and PDF into a
 * folder, by default that of one's own runs at the scale, and returns their paths. Equal results
 * give equal files. The committed result, which a notebook shows unless it was told to compute, is
 * in its place already, unless a folder is named: its paths are returned. Without `figures` there
 * are none, also not those of an earlier result.
 */
export async function saveResult(
  result: AnyResult,
  folder?: string,
  { figures = true }: { readonly figures?: boolean } = {},
): Promise<readonly string[]> {
  if (folder === undefined && setting("FCT_COMPUTE") !== "1" && isCommitted(result)) {
    const paths = resultFiles(result).map((name) => join(committedFolder(), result.scale, name));
    return paths.filter((path) => existsSync(path));
  }
  const place = folder ?? join(runsFolder(), result.scale);
  const files = await rendered(result, figures);
  if (result.queries !== undefined) {
    writeAtomically(join(place, queriesFile(result.table)), keptQueries(result.queries));
  }
  // The numbers come last, so that they stand beside their own figures or are missing.
  const json = join(place, `${result.table}.json`);
  rmSync(json, { force: true });
  const names = resultFiles(result).filter((name) => figures || !isFigure(name));
  for (const name of resultFiles(result)) if (!names.includes(name)) rmSync(join(place, name), { force: true });
  writeAll(files, place);
  writeAtomically(json, anyResultJson(result));
  return names.map((name) => join(place, name));
}

/** Writes the Markdown and the figures of a result that is kept in a folder anew. */
export async function redrawResult(result: AnyResult, folder: string): Promise<void> {
  writeAll(await rendered(result, true), folder);
}

type NamedContent = readonly [name: string, content: string | Uint8Array];

/** What a result is read and looked at in: its Markdown and, with `figures`, those. */
async function rendered(result: AnyResult, figures: boolean): Promise<readonly NamedContent[]> {
  const files: NamedContent[] = [[`${result.table}.md`, resultMarkdown(result)]];
  for (const [name, figure] of Object.entries(figures ? figuresOf(result) : {})) {
    const formats = await renderFigure(figure, { scale: 2 });
    for (const format of ["png", "svg", "pdf"] as const) {
      files.push([`${result.table}-${name}.${format}`, formats[format]]);
    }
  }
  return files;
}

function writeAll(files: readonly NamedContent[], folder: string): void {
  for (const [name, content] of files) writeAtomically(join(folder, name), content);
}

function isFigure(name: string): boolean {
  return /\.(png|svg|pdf)$/.test(name);
}

/** The names of the files of a saved result: its numbers, their Markdown, its figures. */
export function resultFiles(result: AnyResult): readonly string[] {
  const figures = Object.keys(figuresOf(result)).flatMap((name) =>
    [".png", ".svg", ".pdf"].map((format) => `-${name}${format}`),
  );
  const queries = result.queries === undefined ? [] : [queriesFile(result.table)];
  return [...[".json", ".md", ...figures].map((ending) => `${result.table}${ending}`), ...queries];
}

/** The results of every query, as the run left them in the cache. */
function keptQueries({ key, sha256 }: QueriesRecord): Uint8Array {
  const file = join(cacheFolder(), `queries-${key}.safetensors`);
  const remedy = "run the table again";
  if (!existsSync(file)) throw new InputError({ file, fault: "is missing, though the run just made it", remedy });
  if (readSealed(file).digest !== sha256) throw new InputError({ file, fault: "is not of this run", remedy });
  return readFileSync(file);
}

function isCommitted(result: AnyResult): boolean {
  const path = join(committedFolder(), result.scale, `${result.table}.json`);
  return unlessMissing(() => readFileSync(path, "utf8")) === anyResultJson(result);
}

/** The figures that a result has numbers for, by the ending of their files' names. */
function figuresOf(result: AnyResult): Readonly<Record<string, Figure>> {
  if (isOfLanguage(result)) {
    const title = "Negative flips (NFR) and score of every method";
    return { rows: detailFigure(result, ["negative", "score"], { title }), flips: flipsFigure(result) };
  }
  return {
    rows: tableFigure(result),
    ...(gapRows(result.rows).length > 0 ? { gap: gapFigure(result) } : {}),
    loss: lossFigure(result.histories),
    ...(hasCurves(result) ? { curve: curveFigure(result) } : {}),
    ...(hasMatrix(result) ? { matrix: matrixFigure(result) } : {}),
  };
}

/** The ending of the figure that says most: curves or a matrix if there are any, else the rows. */
export function mainFigureOf(result: AnyResult): "curve" | "matrix" | "rows" {
  if (isOfLanguage(result)) return "rows";
  if (hasCurves(result)) return "curve";
  return hasMatrix(result) ? "matrix" : "rows";
}

/** The figure that says most of a result. */
export function figureOf(result: AnyResult): Figure {
  const figure = figuresOf(result)[mainFigureOf(result)];
  if (figure === undefined) throw new Error(`the result of table ${result.table} has no figure`);
  return figure;
}

function hasCurves({ rows }: TableResult): boolean {
  return rows.some(({ curve }) => curve !== undefined);
}

function hasMatrix({ rows }: TableResult): boolean {
  return rows.some(({ cell }) => cell !== undefined);
}
