import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { projectRoot, resultsFolder } from "../core/paths";
import { writeAtomically } from "../core/store";
import { parseResult } from "../experiments/result-file";
import { documentWithResults } from "../report/document-with-results";

/** `fct readme`: the README's tables from results/. */
export function readmeCommand(): Command {
  return new Command("readme")
    .description("bring the README's tables up to date with results/")
    .allowExcessArguments(false)
    .showHelpAfterError()
    .action(() => {
      const path = join(projectRoot(), "README.md");
      writeAtomically(path, documentWithResults(readFileSync(path, "utf8"), storedResult));
    });
}

/** The result of results/<scale>/<table>.json by "scale/table". */
function storedResult(name: string): ReturnType<typeof parseResult> {
  const path = join(resultsFolder(), `${name}.json`);
  return parseResult(readFileSync(path, "utf8"), path);
}
