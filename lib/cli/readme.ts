import { join } from "node:path";
import type { Command } from "commander";
import { writeAtomically } from "../core/artifacts/store";
import { projectRoot } from "../core/paths";
import { storedResult } from "../experiments/language/kinds/any-table";
import { closeRenderer } from "../report/render/render";
import { redrawResult } from "../report/save-result";
import { tables } from "../tables/tables";
import { saveDatasetsFigure } from "./documents/datasets-figure";
import { documents, fileUpdates } from "./documents/updates";
import { command, fullPath } from "./options/command";

/**
 * `fct readme`: the generated sections of the documents, and the numbers and verdicts in prose,
 * from results/.
 */
export function readmeCommand(): Command {
  return command("readme")
    .description(
      `bring the generated sections of ${documents.join(", ")}, the verdicts and the numbers in notebooks' text up to date`,
    )
    .argument("[folder]", "the folder that holds these documents (default: the repository)", fullPath)
    .option("--figures", "first write the Markdown and the figures of every committed result anew")
    .action(async (folder: string = projectRoot(), { figures = false }: { readonly figures?: boolean } = {}) => {
      if (figures) await redraw(join(folder, "results"));
      updateDocuments(folder);
    });
}

/** Shows every result in a folder of results as it is shown today; its numbers stay. */
async function redraw(folder: string): Promise<void> {
  for (const table of tables) {
    for (const scale of Object.keys(table.scales)) {
      const stored = storedResult(table, scale, folder);
      if (stored === null) continue;
      await redrawResult(stored.result, join(folder, scale));
      console.log(`results/${scale}/${table.id}: drawn`);
    }
  }
  await saveDatasetsFigure(folder);
  await closeRenderer();
}

/** Writes nothing unless every section and every number can be written. */
function updateDocuments(folder: string): void {
  for (const { name, before, after } of fileUpdates(folder)) {
    if (before === after) continue;
    writeAtomically(join(folder, name), after);
    console.log(`${name}: brought up to date`);
  }
}
