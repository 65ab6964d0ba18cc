import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { benchMarkdown } from "../bench/report";
import { readBench } from "../bench/result";
import { projectRoot, resultsFolder } from "../core/paths";
import { writeAtomically } from "../core/store";
import { parseResult } from "../experiments/results/result-file";
import { documentWithResults } from "../report/documents";
import { tables } from "../tables/tables";
import { command } from "./command";

/** `fct readme`: the README's tables from results/. */
export function readmeCommand(): Command {
  return command("readme")
    .description("bring the README's tables up to date with results/")
    .action(() => {
      const path = join(projectRoot(), "README.md");
      const document = readFileSync(path, "utf8");
      writeAtomically(
        path,
        documentWithResults(document, { resultOf: storedResult, tablesAt: storedTables, bench: storedBench }),
      );
    });
}

/** The result of results/<scale>/<table>.json by "scale/table". */
function storedResult(name: string): ReturnType<typeof parseResult> {
  const path = resultPath(name);
  return parseResult(readFileSync(path, "utf8"), path);
}

/** The tables that have a result at a scale, in the order of their notebooks. */
function storedTables(scale: string): readonly string[] {
  return tables.map(({ id }) => id).filter((id) => existsSync(resultPath(`${scale}/${id}`)));
}

function storedBench(): string {
  const result = readBench();
  if (result === null) throw new Error("results/bench.json is missing: npm run bench");
  return benchMarkdown(result);
}

function resultPath(name: string): string {
  return join(resultsFolder(), `${name}.json`);
}
