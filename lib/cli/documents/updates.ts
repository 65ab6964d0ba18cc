import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { growthFigure } from "../../bench/figures/growth";
import { ratioFigure } from "../../bench/figures/ratio";
import { benchMarkdown } from "../../bench/report";
import { type BenchResult, readBench } from "../../bench/result";
import { unreadable } from "../../core/input/open-file";
import { trialsMarkdown } from "../../report/claims/trials-markdown";
import { verdictsJson } from "../../report/claims/verdict-json";
import { documentWithResults, figureLink } from "../../report/documents";
import { datasetsFigure } from "../../report/figures/datasets";
import { withProseNumbers } from "../../report/prose-numbers";
import { resultsOnDatasets } from "../../tables/on-datasets";
import { tableNamed, tables } from "../../tables/tables";
import { apiTable } from "./api-table";
import { type ClaimVerdicts, claimVerdicts } from "./claim-data";
import { notebookWithNumbers, resultNamed } from "./notebook-numbers";

/** The documents with generated sections, below the repository's root. */
export const documents: readonly string[] = ["README.md", "results/README.md", "lib/README.md", "lib/bench/README.md"];

/** A file with generated parts, as it is and as it should be. */
export interface FileUpdate {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Every file below `folder` that is made from its results, or holds sections, numbers or verdicts
 * that are: the documents, the notebooks, and the verdicts as JSON. Throws an error that names the
 * file, and the place, that cannot be written.
 */
export function fileUpdates(folder: string): readonly FileUpdate[] {
  const verdicts = claimVerdicts(join(folder, "results"));
  return [
    ...documents.map((name) => documentUpdate(folder, name, verdicts)),
    ...notebooksIn(folder).map((name) => notebookUpdate(folder, name, verdicts)),
    ...verdictsUpdate(folder, verdicts),
  ];
}

function documentUpdate(folder: string, name: string, verdicts: ClaimVerdicts): FileUpdate {
  const before = documentText(join(folder, name));
  try {
    const sources = sourcesIn(join(folder, "results"), verdicts);
    const root = relative(dirname(name), ".") || ".";
    const sections = documentWithResults(before, { ...sources, notebookOf, root });
    const after = withProseNumbers(sections, (table) => sources.resultOf(table ?? "quick/main"), verdicts.text);
    return { name, before, after };
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

function documentText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw unreadable(path, cause, "name the folder that holds results/ and the documents");
  }
}

function notebooksIn(folder: string): readonly string[] {
  const names = existsSync(join(folder, "notebooks")) ? readdirSync(join(folder, "notebooks")) : [];
  return names.filter((name) => name.endsWith(".ipynb")).map((name) => join("notebooks", name));
}

function notebookUpdate(folder: string, name: string, verdicts: ClaimVerdicts): FileUpdate {
  const before = readFileSync(join(folder, name), "utf8");
  return { name, before, after: notebookWithNumbers(name, before, join(folder, "results"), verdicts) };
}

/** A folder without the file has none to keep up to date. */
function verdictsUpdate(folder: string, verdicts: ClaimVerdicts): readonly FileUpdate[] {
  const name = "results/claims.json";
  if (!existsSync(join(folder, name))) return [];
  return [{ name, before: readFileSync(join(folder, name), "utf8"), after: verdictsJson(verdicts.all()) }];
}

/** What the generated sections are made from, in a folder of committed results. */
function sourcesIn(
  results: string,
  verdicts: ClaimVerdicts,
): Omit<Parameters<typeof documentWithResults>[1], "notebookOf" | "root"> {
  const pathOf = (name: string): string => join(results, `${name}.json`);
  return {
    resultOf: (name) => resultNamed(name, results),
    datasets: () => datasetsFigure(resultsOnDatasets(results)),
    tablesAt: (scale) => tables.map(({ id }) => id).filter((id) => existsSync(pathOf(`${scale}/${id}`))),
    api: apiTable,
    bench: () => {
      const result = readBench(pathOf("bench"));
      if (result === null) throw new Error(`${pathOf("bench")} is missing: npm run bench`);
      return [benchMarkdown(result), ...benchFigures(result)].join("\n\n");
    },
    attack: (name) => {
      const path = pathOf(name);
      return existsSync(path) ? { path, text: readFileSync(path, "utf8") } : null;
    },
    verdicts: verdicts.all,
    trials: () => trialsMarkdown(readFileSync(pathOf("trials"), "utf8"), pathOf("trials")),
  };
}

/** The benchmark's figures, described in words, for lib/bench/README.md. */
function benchFigures(result: BenchResult): readonly string[] {
  const figures = { "bench-ratios": ratioFigure(result), "bench-growth": growthFigure(result) };
  return Object.entries(figures).map(([name, figure]) => figureLink(figure, `../../results/${name}.png`));
}

function notebookOf(table: string): string {
  return `${tableNamed(table).notebook}.ipynb`;
}
