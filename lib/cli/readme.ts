import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Command } from "commander";
import { benchMarkdown } from "../bench/report";
import { readBench } from "../bench/result";
import { writeAtomically } from "../core/artifacts/store";
import { projectRoot, resultsFolder } from "../core/paths";
import type { TableResult } from "../experiments/results/result";
import { parseResult } from "../experiments/results/result-file";
import { documentWithResults } from "../report/documents";
import { tableNamed, tables } from "../tables/tables";
import { command } from "./options/command";

/** The documents with generated sections, below the repository's root. */
const documents: readonly string[] = ["README.md", "results/README.md", "lib/bench/README.md"];

/** `fct readme`: the generated sections of the documents, from results/. */
export function readmeCommand(): Command {
  return command("readme")
    .description(`bring the generated sections of ${documents.join(", ")} up to date with results/`)
    .argument("[folder]", "the folder that holds these documents (default: the repository)")
    .action((folder: string = projectRoot()) => updateDocuments(folder));
}

/** Writes nothing unless every section of every document can be written. */
function updateDocuments(folder: string): void {
  const updated = documents.map((name) => ({ name, ...update(folder, name) }));
  for (const { name, before, after } of updated) {
    if (before === after) continue;
    writeAtomically(join(folder, name), after);
    console.log(`${name}: brought up to date`);
  }
}

function update(folder: string, name: string): { readonly before: string; readonly after: string } {
  const before = readFileSync(join(folder, name), "utf8");
  try {
    const root = relative(dirname(name), ".") || ".";
    const stored = { resultOf: storedResult, tablesAt: storedTables, bench: storedBench, attack: storedAttack };
    const sources = { ...stored, notebookOf, root };
    return { before, after: documentWithResults(before, sources) };
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

/** The result of results/<scale>/<table>.json by "scale/table". */
function storedResult(name: string): TableResult {
  const path = resultPath(name);
  const [scale = "", table = ""] = name.split("/");
  if (!existsSync(path)) throw new Error(`${path} is missing: npm run reproduce -- --table ${table} --scale ${scale}`);
  return parseResult(readFileSync(path, "utf8"), path);
}

/** The tables that have a result at a scale, in the order of their notebooks. */
function storedTables(scale: string): readonly string[] {
  return tables.map(({ id }) => id).filter((id) => existsSync(resultPath(`${scale}/${id}`)));
}

function storedBench(): string {
  const result = readBench();
  if (result === null) throw new Error(`${resultPath("bench")} is missing: npm run bench`);
  return benchMarkdown(result);
}

function storedAttack(name: string): { readonly path: string; readonly text: string } | null {
  const path = resultPath(name);
  return existsSync(path) ? { path, text: readFileSync(path, "utf8") } : null;
}

function notebookOf(table: string): string {
  return `${tableNamed(table).notebook}.ipynb`;
}

function resultPath(name: string): string {
  return join(resultsFolder(), `${name}.json`);
}
