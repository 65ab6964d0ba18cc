import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { committedFolder, makeWritable, projectRoot, runsFolder } from "../core/paths";
import { storedResult } from "../experiments/language/kinds/any-table";
import { settingsOf } from "../experiments/run-options";
import { tables } from "../tables/tables";
import { renewNumbers } from "./documents/notebook-numbers";
import { scaleOption, seedsOption } from "./options/choices";
import { command, shownPath } from "./options/command";
import { executeNotebook } from "./reproduce/execute-notebook";

interface NotebookChoices {
  readonly scale: string;
  readonly seeds?: number;
  readonly inPlace?: boolean;
}

/** `fct notebook`: executes one notebook, in place if its outputs are to be committed. */
export function notebookCommand(): Command {
  return command("notebook")
    .description("execute a notebook without a browser")
    .argument("<name>", "its name in notebooks/, such as 00-overview, or its path in notebooks/", notebookName)
    .addOption(scaleOption())
    .addOption(seedsOption())
    .addOption(
      new Option("--in-place", "write the outputs for the committed result into the notebook itself").conflicts(
        "seeds",
      ),
    )
    .addHelpText("after", help)
    .action(execute);
}

const help = `
A notebook computes its table, which goes to results/run/<scale>/ (FCT_RESULTS names another folder). With --in-place it
shows the committed result instead, and the numbers in its text are renewed from it: text, tables and figures agree.`;

async function execute(name: string, choices: NotebookChoices, command: Command): Promise<void> {
  const { scale, inPlace = false } = choices;
  const path = join(projectRoot(), "notebooks", `${name}.ipynb`);
  if (inPlace) requireCommitted(name, scale, command);
  if (existsSync(path)) console.error(`starting notebook ${name} ...`);
  const settings = {
    ...settingsOf(choices),
    ...(inPlace ? { FCT_IN_PLACE: "1", FCT_COMPUTE: "" } : { FCT_IN_PLACE: "" }),
  };
  const { status, notebook, html } = await executeNotebook(name, { folder: join(runsFolder(), scale), settings });
  if (status !== 0) process.exit(status);
  if (inPlace) renewNumbers(path);
  console.log(`${shownPath(inPlace ? path : notebook)}\n${shownPath(html)}`);
}

/** Refuses, before an hour of work, what could not end in a notebook that agrees with itself. */
function requireCommitted(name: string, scale: string, command: Command): void {
  makeWritable(join(projectRoot(), "notebooks"));
  const own = tables.filter(({ notebook }) => notebook === name);
  if (scale !== "quick" && own.length > 0) {
    command.error(`error: --in-place: expected the committed scale, quick, got ${scale}`);
  }
  for (const table of own.filter(({ scales }) => scale in scales)) {
    if (storedResult(table, scale, committedFolder())?.current) continue;
    const remedy = `npm run reproduce -- --table ${table.id}, then npm run fct -- accept ${table.id}`;
    command.error(`error: table ${table.id} has no committed result of its declaration: ${remedy}`);
  }
}

/** The name of a notebook, which may be given with its ending or as a path. */
function notebookName(text: string): string {
  const bare = text.replace(/\.ipynb$/, "");
  const inside = relative(join(projectRoot(), "notebooks"), resolve(bare));
  return bare.includes("/") && !inside.startsWith("..") ? inside : bare;
}
