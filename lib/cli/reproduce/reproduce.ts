import { join } from "node:path";
import { type Command, Option } from "commander";
import { makeWritable, projectRoot, runsFolder } from "../../core/paths";
import { terminalWidth } from "../../core/progress";
import { type AnyTable, anyAsChosen, anyRequests, isLanguageTable } from "../../experiments/language/kinds/any-table";
import type { AnyResult } from "../../experiments/language/language-result";
import { type RunChoices, scaleOf } from "../../experiments/run-options";
import { resultFiles } from "../../report/save-result";
import { resultText } from "../../report/terminal/result-text";
import { tableNamed, tables } from "../../tables/tables";
import type { Precision } from "../../tf/graph/precision";
import { bundleOf } from "../bundle/description";
import { extendOption, precisionOption, scaleOption, seedsOption } from "../options/choices";
import { command, fullPath, shownPath } from "../options/command";
import { wholeNumberIn } from "../options/numbers";
import { compareRun, ownRun } from "./compare-run";
import { computeTable } from "./compute-table";
import { type ExecutedNotebook, executeNotebook } from "./execute-notebook";
import { type ExecutionChoices, executionOf, forgotten, reproduceAll } from "./reproduce-all";

/** What `npm run reproduce` was asked for. */
interface ReproduceChoices {
  readonly table?: string;
  readonly all?: boolean;
  readonly scale: string;
  readonly seeds?: number;
  readonly precision: Precision;
  readonly dataset?: string;
  readonly side?: number;
  readonly disjoint?: boolean;
  readonly force?: boolean;
  readonly extend?: boolean;
  readonly check?: boolean;
  readonly dryRun?: boolean;
  readonly numbers?: boolean;
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
    .addOption(
      new Option("--dataset <folder>", "your own images in place of the main table's (see below)")
        .argParser(fullPath)
        .conflicts(["all", "check"]),
    )
    .option(
      "--side <pixels>",
      "side of own images, a multiple of 16 from 32 to 256 (default: 64)",
      wholeNumberIn(32, 256),
    )
    .option("--disjoint", "test on classes of own images that no model is trained on")
    .option("--force", "compute again what is cached")
    .addOption(extendOption().conflicts(["all", "check", "dataset"]))
    .option("--check", "fail unless every row is the committed one, or as near as another seed's (said at the end)")
    .option("--numbers", "compute without notebook and figures, as a machine without Python must (default in a bundle)")
    .option("--dry-run", "run nothing: print the steps with images, operations, memory and an estimate of hours")
    .addHelpText("after", help)
    .action(reproduce);
}

const help = `
A run is written to results/run/<scale>/ (FCT_RESULTS names another folder) and compared with the committed result in
results/<scale>/, which it never changes: npm run fct -- accept TABLE makes it the committed one.

--dataset names a folder with folders train/<class> and test/<class> of images, or with <class>, of which a fifth of each
class is tested on (with --disjoint, a fifth of the classes). JPEG, PNG, WebP, TIFF and GIF files are read, four classes or more.
The main table then runs on them, at scale quick or laptop, as a table of its own, named by the folder and its content.

Examples:
  npm run reproduce
  npm run reproduce -- --table backfill --seeds 3
  npm run reproduce -- --table losses --seeds 5 --extend
  npm run reproduce -- --dataset ~/pictures/birds --side 64`;

async function reproduce(choices: ReproduceChoices, command: Command): Promise<void> {
  const { scale, seeds = null, precision, force = false, extend = false, check = false } = choices;
  const { numbers = bundleOf(projectRoot()) !== null } = choices;
  const images = imagesOf(choices, command);
  const named = choices.all
    ? tables.filter((table) => scale in table.scales && (precision === "float32" || !isLanguageTable(table)))
    : [tableNamed(choices.table ?? "main")];
  const wanted: AnyTable[] = [];
  for (const table of named) wanted.push(await anyAsChosen(table, { images, precision }, console.error));
  try {
    for (const table of wanted) scaleOf(table, { scale, seeds });
    // In a notebook, a refusal would be the failure of a cell.
    if (extend) for (const table of wanted) anyRequests(table, { scale, seeds, extend });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    command.error(`error: ${(error as Error).message}`);
  }
  const execution = { scale, seeds, precision, images, force, extend, check, folder: join(runsFolder(), scale) };
  if (choices.dryRun) console.log((await import("./dry-run.js")).dryRunReport(wanted, { scale, seeds, extend }));
  else if (numbers) process.exitCode = await reproduceNumbers(wanted, execution);
  else if (choices.all) process.exitCode = await reproduceAll(wanted, execution);
  else for (const table of wanted) process.exitCode = await reproduceOne(table, execution);
}

/** The user's own images that the words name; null if they name none. */
function imagesOf({ dataset, side, disjoint }: ReproduceChoices, command: Command): RunChoices["images"] {
  if (dataset !== undefined) return { path: dataset, side: side ?? 64, disjoint: disjoint ?? false };
  if (side !== undefined || disjoint) command.error("error: --side and --disjoint are of own images: give --dataset");
  return null;
}

/** Gives the exit status, as reproduceOne. */
async function reproduceNumbers(wanted: readonly AnyTable[], asked: ExecutionChoices): Promise<number> {
  makeWritable(asked.folder, "FCT_RESULTS");
  const execution = forgotten(wanted, asked);
  const statuses: number[] = [];
  for (const table of wanted) {
    console.error(`table ${table.id}, scale ${execution.scale}: computing its numbers ...`);
    statuses.push(printed(table, await computeTable(table, execution), execution, null));
  }
  return Math.max(...statuses);
}

/** Gives the exit status: 1 under --check if the table was not reproduced. */
async function reproduceOne(table: AnyTable, execution: ExecutionChoices): Promise<number> {
  console.error(`table ${table.id}, scale ${execution.scale}: starting notebook ${table.notebook} ...`);
  const executed = await executeNotebook(table.notebook, executionOf(table, execution));
  if (executed.status !== 0) process.exit(executed.status);
  return printed(table, ownRun(table, execution.scale), execution, executed);
}

/** Prints a run beside the committed result; gives the exit status. */
function printed(
  table: AnyTable,
  run: AnyResult,
  execution: ExecutionChoices,
  executed: ExecutedNotebook | null,
): number {
  const comparison = compareRun(table, run);
  const width = terminalWidth();
  const texts = [resultText(run, width), comparison.text(width), fileList(run, executed)];
  console.log(`\n${texts.join("\n\n")}`);
  return execution.check && comparison.reproduced !== true ? 1 : 0;
}

/** Where the executed notebook, the numbers and the figures are. */
function fileList(run: AnyResult, executed: Pick<ExecutedNotebook, "notebook" | "html"> | null): string {
  const own = (ending: string): string => shownPath(join(runsFolder(), run.scale, `${run.table}${ending}`));
  const figures = resultFiles(run).filter((name) => name.endsWith(".png")).length;
  const numbers = ["numbers", `${own(".json")}, as a table ${own(".md")}`];
  const lines =
    executed === null
      ? [numbers]
      : [
          ["notebook", `${shownPath(executed.notebook)}, as HTML ${shownPath(executed.html)}`],
          numbers,
          ["figures", `${own("-*.png")} with .svg and .pdf (${figures})`],
        ];
  return lines.map(([what = "", where = ""]) => `${what.padEnd(9)} ${where}`).join("\n");
}
