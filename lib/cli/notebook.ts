import { join, relative } from "node:path";
import type { Command } from "commander";
import { projectRoot } from "../core/paths";
import { settingsOf } from "../experiments/run-options";
import { scaleOption, seedsOption } from "./options/choices";
import { command } from "./options/command";
import { executeNotebook } from "./reproduce/execute-notebook";

/** `fct notebook`: executes one notebook, in place if its outputs are to be committed. */
export function notebookCommand(): Command {
  return command("notebook")
    .description("execute a notebook without a browser")
    .argument("<name>", "its name in notebooks/, such as 00-overview")
    .addOption(scaleOption())
    .addOption(seedsOption())
    .option("--in-place", "write the outputs into the notebook itself, its HTML beside the other runs")
    .action(execute);
}

async function execute(
  name: string,
  choices: { readonly scale: string; readonly seeds?: number; readonly inPlace?: boolean },
): Promise<void> {
  const folder = join(projectRoot(), "results", "run", choices.scale);
  const settings = { ...settingsOf(choices), FCT_IN_PLACE: choices.inPlace ? "1" : "" };
  const { status, notebook, html } = await executeNotebook(name, { folder, settings });
  if (status !== 0) process.exit(status);
  const written = choices.inPlace ? join(projectRoot(), "notebooks", `${name}.ipynb`) : notebook;
  console.log(`${relative(projectRoot(), written)}\n${relative(projectRoot(), html)}`);
}
