import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Command } from "commander";
import { benchMarkdown } from "../bench/report";
import { readBench } from "../bench/result";
import { writeAtomically } from "../core/artifacts/store";
import { projectRoot } from "../core/paths";
import { documentWithResults } from "../report/documents";
import { withProseNumbers } from "../report/prose-numbers";
import { tableNamed, tables } from "../tables/tables";
import { apiTable } from "./api-table";
import { notebookWithNumbers, resultNamed } from "./notebook-numbers";
import { command } from "./options/command";

/** The documents with generated sections, below the repository's root. */
const documents: readonly string[] = ["README.md", "results/README.md", "lib/README.md", "lib/bench/README.md"];

/**
 * `fct readme`: the generated sections of the documents and the numbers in prose, from results/.
 */
export function readmeCommand(): Command {
  return command("readme")
    .description(
      `bring the generated sections of ${documents.join(", ")} and the numbers in notebooks' text up to date`,
    )
    .argument("[folder]", "the folder that holds these documents (default: the repository)")
    .action((folder: string = projectRoot()) => updateDocuments(folder));
}

/** Writes nothing unless every section and every number can be written. */
function updateDocuments(folder: string): void {
  const updated = [
    ...documents.map((name) => ({ name, ...update(folder, name) })),
    ...notebooksIn(folder).map((name) => ({ name, ...updateNotebook(folder, name) })),
  ];
  for (const { name, before, after } of updated) {
    if (before === after) continue;
    writeAtomically(join(folder, name), after);
    console.log(`${name}: brought up to date`);
  }
}

interface Update {
  readonly before: string;
  readonly after: string;
}

function update(folder: string, name: string): Update {
  const before = readFileSync(join(folder, name), "utf8");
  try {
    const sources = sourcesIn(join(folder, "results"));
    const root = relative(dirname(name), ".") || ".";
    const after = documentWithResults(before, { ...sources, notebookOf, root });
    return { before, after: withProseNumbers(after, (table) => sources.resultOf(table ?? "quick/main")) };
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

function notebooksIn(folder: string): readonly string[] {
  const names = existsSync(join(folder, "notebooks")) ? readdirSync(join(folder, "notebooks")) : [];
  return names.filter((name) => name.endsWith(".ipynb")).map((name) => join("notebooks", name));
}

function updateNotebook(folder: string, name: string): Update {
  const before = readFileSync(join(folder, name), "utf8");
  return { before, after: notebookWithNumbers(name, before, join(folder, "results")) };
}

/** What the generated sections are made from, in a folder of committed results. */
function sourcesIn(results: string): Omit<Parameters<typeof documentWithResults>[1], "notebookOf" | "root"> {
  const pathOf = (name: string): string => join(results, `${name}.json`);
  return {
    resultOf: (name) => resultNamed(name, results),
    tablesAt: (scale) => tables.map(({ id }) => id).filter((id) => existsSync(pathOf(`${scale}/${id}`))),
    api: apiTable,
    bench: () => {
      const result = readBench(pathOf("bench"));
      if (result === null) throw new Error(`${pathOf("bench")} is missing: npm run bench`);
      return benchMarkdown(result);
    },
    attack: (name) => {
      const path = pathOf(name);
      return existsSync(path) ? { path, text: readFileSync(path, "utf8") } : null;
    },
  };
}

function notebookOf(table: string): string {
  return `${tableNamed(table).notebook}.ipynb`;
}
