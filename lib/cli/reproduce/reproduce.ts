import { join } from "node:path";
import { type Command, Option } from "commander";
import { runsFolder } from "../../core/paths";
import { terminalWidth } from "../../core/progress";
import { type AnyTable, anyAtPrecision, isLanguageTable } from "../../experiments/language/kinds/any-table";
import type { AnyResult } from "../../experiments/language/language-result";
import { scaleOf } from "../../experiments/run-options";
import { resultFiles } from "../../report/save-result";
import { resultText } from "../../report/terminal/result-text";
import { tableNamed, tables } from "../../tables/tables";
import type { Precision } from "../../tf/graph/precision";
import { precisionOption, scaleOption, seedsOption } from "../options/choices";
import { command, shownPath } from "../options/command";
import { compareRun, ownRun } from "./compare-run";
import { type ExecutedNotebook, executeNotebook } from "./execute-notebook";
import { type ExecutionChoices, executionOf, reproduceAll } from "./reproduce-all";

/** What `npm run reproduce` was asked for. */
interface ReproduceChoices {
  readonly table?: string;
  readonly all?: boolean;
  readonly scale: string;
  readonly seeds?: number;
  readonly precision: Precision;
  readonly force?: boolean;
  readonly check?: boolean;
  readonly dryRun?: boolean;
}

/** `fct reproduce`: executes the notebook of one table and prints the table, or every notebook. */
export function reproduceCommand(): Command {
  const ids = tables.map(({ id }) => id);
  return command("reproduce")
    .description("compute a table of the paper by executing its notebook, beside the committed one; or all of them")
    .addOption(new Option("--table <name>", "the table (default: main)").choices(ids).conflicts("all"))
    .option("--all", "every notebook of the scale, one after the other; a failure does not stop the others")
    .addOption(scaleOption())
    .addOption(seedsOption())
    .addOption(precisionOption())
    .option("--force", "compute again what is cached")
    .option("--check", "fail unless every row is the committed one, or as near as another seed's (said at the end)")
    .option("--dry-run", "run nothing: print the steps with images, operations, memory and an estimate of hours")
    .addHelpText("after", help)
    .action(reproduce);
}

const help = `
A run is written to results/run/<scale>/ (FCT_RESULTS names another folder) and compared with the committed result in
results/<scale>/, which it never changes: npm run fct -- accept TABLE makes it the committed one.`;

async function reproduce(choices: ReproduceChoices, command: Command): Promise<void> {
  const { scale, seeds = null, precision, force = false, check = false } = choices;
  const named = choices.all
    ? tables.filter((table) => scale in table.scales && (precision === "float32" || !isLanguageTable(table)))
    : [tableNamed(choices.table ?? "main")];
  let wanted: readonly AnyTable[] = [];
  try {
    wanted = named.map((table) => anyAtPrecision(table, precision));
    for (const table of wanted) scaleOf(table, { scale, seeds });
  } catch (error) {
    command.error(`error: ${(error as Error).message}`);
  }
  const execution = { scale, seeds, precision, force, check, folder: join(runsFolder(), scale) };
  if (choices.dryRun) console.log((await import("./dry-run.js")).dryRunReport(wanted, { scale, seeds }));
  else if (choices.all) process.exitCode = await reproduceAll(wanted, execution);
  else for (const table of wanted) process.exitCode = await reproduceOne(table, execution);
}

/** Gives the exit status: 1 under --check if the table was not reproduced. */
async function reproduceOne(table: AnyTable, execution: ExecutionChoices): Promise<number> {
  console.error(`table ${table.id}, scale ${execution.scale}: starting notebook ${table.notebook} ...`);
  const executed = await executeNotebook(table.notebook, executionOf(table, execution));
  if (executed.status !== 0) process.exit(executed.status);
  const run = ownRun(table, execution.scale);
  const comparison = compareRun(table, run);
  const width = terminalWidth();
  const texts = [resultText(run, width), comparison.text(width), fileList(run, executed)];
  console.log(`\n${texts.join("\n\n")}`);
  return execution.check && comparison.reproduced !== true ? 1 : 0;
}

/** Where the executed notebook, the numbers and the figures are. */
function fileList(run: AnyResult, { notebook, html }: Pick<ExecutedNotebook, "notebook" | "html">): string {
  const own = (ending: string): string => shownPath(join(runsFolder(), run.scale, `${run.table}${ending}`));
  const figures = resultFiles(run).filter((name) => name.endsWith(".png")).length;
  const lines = [
    ["notebook", `${shownPath(notebook)}, as HTML ${shownPath(html)}`],
    ["numbers", `${own(".json")}, as a table ${own(".md")}`],
    ["figures", `${own("-*.png")} with .svg and .pdf (${figures})`],
  ];
  return lines.map(([what = "", where = ""]) => `${what.padEnd(9)} ${where}`).join("\n");
}
