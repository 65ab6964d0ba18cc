import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { makeWritable, projectRoot, resultsFolder } from "../core/paths";
import { settingsOf } from "../experiments/run-options";
import { scaleOption, seedsOption } from "./options/choices";
import { command } from "./options/command";
import { executeNotebook } from "./reproduce/execute-notebook";

/** `fct notebook`: executes one notebook, in place if its outputs are to be committed. */
export function notebookCommand(): Command {
  return command("notebook")
    .description("execute a notebook without a browser")
    .argument("<name>", "its name in notebooks/, such as 00-overview, or its path", notebookName)
    .addOption(scaleOption())
    .addOption(seedsOption())
    .option("--in-place", "write the outputs into the notebook itself, its HTML beside the other runs")
    .action(execute);
}

async function execute(
  name: string,
  choices: { readonly scale: string; readonly seeds?: number; readonly inPlace?: boolean },
): Promise<void> {
  const folder = join(resultsFolder(), "run", choices.scale);
  if (choices.inPlace) makeWritable(join(projectRoot(), "notebooks"));
  const settings = { ...settingsOf(choices), FCT_IN_PLACE: choices.inPlace ? "1" : "" };
  const { status, notebook, html } = await executeNotebook(name, { folder, settings });
  if (status !== 0) process.exit(status);
  const written = choices.inPlace ? join(projectRoot(), "notebooks", `${name}.ipynb`) : notebook;
  console.log(`${relative(process.cwd(), written)}\n${relative(process.cwd(), html)}`);
}

/** The name of a notebook, which may be given with its ending or as a path. */
function notebookName(text: string): string {
  const bare = text.replace(/\.ipynb$/, "");
  const inside = relative(join(projectRoot(), "notebooks"), resolve(bare));
  return bare.includes("/") && !inside.startsWith("..") ? inside : bare;
}
