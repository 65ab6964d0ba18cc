import { join } from "node:path";
import type { Command } from "commander";
import { writeAtomically } from "../core/artifacts/store";
import { projectRoot } from "../core/paths";
import { documents, fileUpdates } from "./documents/updates";
import { command } from "./options/command";

/**
 * `fct readme`: the generated sections of the documents, and the numbers and verdicts in prose,
 * from results/.
 */
export function readmeCommand(): Command {
  return command("readme")
    .description(
      `bring the generated sections of ${documents.join(", ")}, the verdicts and the numbers in notebooks' text up to date`,
    )
    .argument("[folder]", "the folder that holds these documents (default: the repository)")
    .action((folder: string = projectRoot()) => updateDocuments(folder));
}

/** Writes nothing unless every section and every number can be written. */
function updateDocuments(folder: string): void {
  for (const { name, before, after } of fileUpdates(folder)) {
    if (before === after) continue;
    writeAtomically(join(folder, name), after);
    console.log(`${name}: brought up to date`);
  }
}
