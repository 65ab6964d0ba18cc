import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command, Option } from "commander";
import { projectRoot, resultsFolder } from "../core/paths";
import { scaleOf } from "../experiments/scale";
import { tableNamed, tables } from "../tables/tables";
import { scaleOption, seedsOption, settingsOf } from "./choices";
import { type ExecutedNotebook, executeNotebook } from "./execute-notebook";

/** What `npm run reproduce` was asked for. */
interface ReproduceChoices {
  readonly table: string;
  readonly scale: string;
  readonly seeds?: number;
  readonly force?: boolean;
}

/** `fct reproduce`: one table of the paper through its notebook, then printed. */
export function reproduceCommand(): Command {
  const ids = tables.map(({ id }) => id);
  return new Command("reproduce")
    .description("compute a table of the paper by executing its notebook, and print it")
    .addOption(new Option("--table <name>", "the table").choices(ids).default("main"))
    .addOption(scaleOption())
    .addOption(seedsOption())
    .option("--force", "compute again what is cached")
    .allowExcessArguments(false)
    .showHelpAfterError()
    .action((choices: ReproduceChoices, command: Command) => reproduce(choices, command));
}

async function reproduce(choices: ReproduceChoices, command: Command): Promise<void> {
  const table = tableNamed(choices.table);
  try {
    scaleOf(table, { scale: choices.scale, seeds: choices.seeds ?? null });
  } catch (error) {
    command.error(`error: ${(error as Error).message}`);
  }
  const folder = join(projectRoot(), "results", "run", choices.scale);
  const executed = await executeNotebook(table.notebook, { folder, settings: settingsOf(choices) });
  console.log(report(table.id, choices.scale, executed));
}

/** The table in Markdown, and where everything is. */
function report(table: string, scale: string, { notebook, html }: ExecutedNotebook): string {
  const folder = join(resultsFolder(), scale);
  const markdown = join(folder, `${table}.md`);
  const files = [
    ["executed notebook", notebook],
    ["as HTML", html],
    ["result", join(folder, `${table}.json`)],
    ["table", markdown],
    ...figures(folder, table).map((path) => ["figure", path] as const),
  ] as const;
  const lines = files.map(([what, path]) => `${what.padEnd(18)} ${relative(projectRoot(), path)}`);
  return `\n${readFileSync(markdown, "utf8").trim()}\n\n${lines.join("\n")}`;
}

/** The images beside a result that belong to its table: <table>.png, <table>-loss.svg and the like, or in a folder <table>/. */
function figures(folder: string, table: string): readonly string[] {
  const isImage = (name: string): boolean => /\.(png|svg)$/.test(name);
  const inside = join(folder, table);
  const beside = readdirSync(folder).filter((name) => isImage(name) && /^[.-]/.test(name.slice(table.length)));
  const nested = existsSync(inside) ? readdirSync(inside).filter(isImage) : [];
  const own = beside.filter((name) => name.startsWith(table)).map((name) => join(folder, name));
  return [...own, ...nested.map((name) => join(inside, name))].sort();
}
