import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Command, Option } from "commander";
import { resultsFolder } from "../../core/paths";
import { atPrecision } from "../../experiments/at-precision";
import { scaleOf } from "../../experiments/run-options";
import type { Table } from "../../experiments/table";
import { tableNamed, tables } from "../../tables/tables";
import type { Precision } from "../../tf/graph/precision";
import { precisionOption, scaleOption, seedsOption } from "../options/choices";
import { command } from "../options/command";
import { dryRunReport } from "./dry-run";
import { type ExecutedNotebook, executeNotebook } from "./execute-notebook";
import { executionOf, reproduceAll } from "./reproduce-all";

/** What `npm run reproduce` was asked for. */
interface ReproduceChoices {
  readonly table?: string;
  readonly all?: boolean;
  readonly scale: string;
  readonly seeds?: number;
  readonly precision: Precision;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `fct reproduce`: executes the notebook of one table and prints the table, or every notebook. */
export function reproduceCommand(): Command {
  const ids = tables.map(({ id }) => id);
  return command("reproduce")
    .description("compute a table of the paper by executing its notebook, and print it; or all of them")
    .addOption(new Option("--table <name>", "the table (default: main)").choices(ids).conflicts("all"))
    .option("--all", "every notebook of the scale, one after the other; a failure does not stop the others")
    .addOption(scaleOption())
    .addOption(seedsOption())
    .addOption(precisionOption())
    .option("--force", "compute again what is cached")
    .option("--dry-run", "run nothing: print the steps with images, operations, memory and an estimate of hours")
    .action(reproduce);
}

async function reproduce(choices: ReproduceChoices, command: Command): Promise<void> {
  const { scale, seeds = null, precision, force = false } = choices;
  const named = choices.all ? tables.filter((table) => scale in table.scales) : [tableNamed(choices.table ?? "main")];
  const wanted = named.map((table) => atPrecision(table, precision));
  try {
    for (const table of wanted) scaleOf(table, { scale, seeds });
  } catch (error) {
    command.error(`error: ${(error as Error).message}`);
  }
  const execution = { scale, seeds, precision, force, folder: join(resultsFolder(), "run", scale) };
  if (choices.dryRun) console.log(dryRunReport(wanted, { scale, seeds }));
  else if (choices.all) process.exitCode = await reproduceAll(wanted, execution);
  else for (const table of wanted) await reproduceOne(table, scale, executionOf(table, execution));
}

async function reproduceOne(
  { id, notebook }: Table,
  scale: string,
  execution: Parameters<typeof executeNotebook>[1],
): Promise<void> {
  const executed = await executeNotebook(notebook, execution);
  if (executed.status !== 0) process.exit(executed.status);
  console.log(tableReport(id, scale, executed));
}

/** A table in Markdown, and the paths of its notebook, result and figures. */
function tableReport(
  table: string,
  scale: string,
  { notebook, html }: Pick<ExecutedNotebook, "notebook" | "html">,
): string {
  const folder = join(resultsFolder(), scale);
  const markdown = join(folder, `${table}.md`);
  const files = [
    ["executed notebook", notebook],
    ["as HTML", html],
    ["result", join(folder, `${table}.json`)],
    ["table", markdown],
    ...figures(folder, table).map((path) => ["figure", path] as const),
  ] as const;
  const lines = files.map(([what, path]) => `${what.padEnd(18)} ${relative(process.cwd(), path)}`);
  return `\n${readFileSync(markdown, "utf8").trim()}\n\n${lines.join("\n")}`;
}

/** The images of a table: <table>.png, <table>-loss.svg etc. beside its result, or in <table>/. */
function figures(folder: string, table: string): readonly string[] {
  const isImage = (name: string): boolean => /\.(png|svg)$/.test(name);
  const inside = join(folder, table);
  const beside = readdirSync(folder).filter((name) => isImage(name) && /^[.-]/.test(name.slice(table.length)));
  const nested = existsSync(inside) ? readdirSync(inside).filter(isImage) : [];
  const own = beside.filter((name) => name.startsWith(table)).map((name) => join(folder, name));
  return [...own, ...nested.map((name) => join(inside, name))].sort();
}
