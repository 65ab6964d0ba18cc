import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Argument, type Command } from "commander";
import { InputError } from "../core/input-error";
import { committedFolder, makeWritable, runsFolder, unlessMissing } from "../core/paths";
import { terminalWidth } from "../core/progress";
import { type AnyTable, storedResult } from "../experiments/language/kinds/any-table";
import type { AnyResult } from "../experiments/language/language-result";
import { closeRenderer } from "../report/render/render";
import { resultFiles } from "../report/save-result";
import { isOnDatasets } from "../tables/on-datasets";
import { tableNamed, tables } from "../tables/tables";
import { saveDatasetsFigure } from "./documents/datasets-figure";
import { faultsOfResult } from "./documents/result-faults";
import { scaleOption } from "./options/choices";
import { command, shownPath } from "./options/command";
import { compareRun, ownRun } from "./reproduce/compare-run";
import { executionOf } from "./reproduce/reproduce-all";

/** `fct accept`: makes one's own run of a table the committed result. */
export function acceptCommand(): Command {
  return command("accept")
    .description("make your own run of a table the committed result, and say what changes")
    .addArgument(new Argument("<table>", "the table").choices(tables.map(({ id }) => id)))
    .addOption(scaleOption())
    .action(async (name: string, { scale }: { readonly scale: string }) => {
      accept(tableNamed(name), scale);
      if (!isOnDatasets(name, scale)) return;
      await saveDatasetsFigure(committedFolder());
      await closeRenderer();
    });
}

/**
 * Throws InputError, and changes nothing, unless the run is complete, sound, of today's table and
 * of no fewer seeds than the committed result.
 */
function accept(table: AnyTable, scale: string): void {
  const run = ownRun(table, scale);
  const names = resultFiles(run);
  refuseFailed(table, scale);
  refuseFewerSeeds(table, run);
  refuseUnsound(run, names);
  const comparison = compareRun(table, run);
  const target = join(committedFolder(), scale);
  makeWritable(target);
  const changes = replaceFiles(join(runsFolder(), scale), target, { table: table.id, names });
  console.log(comparison.text(terminalWidth()));
  console.log(changes.map(({ name, change }) => `${change.padEnd(10)} ${shownPath(join(target, name))}`).join("\n"));
  if (changes.every(({ change }) => change === "unchanged")) return;
  const notebook = scale === "quick" ? ` and npm run fct -- notebook ${table.notebook} --in-place` : "";
  console.log(`\nnext: npm run fct -- readme${notebook}, which bring text and pictures up to date`);
}

/**
 * A notebook that failed after it had saved its table is not a run to stand by; one that failed
 * before the table was computed in another way says nothing of it.
 */
function refuseFailed(table: AnyTable, scale: string): void {
  const { folder } = executionOf(table, { scale, seeds: null, force: false, folder: join(runsFolder(), scale) });
  const file = join(folder, `${table.notebook}.failure.txt`);
  const failure = unlessMissing(() => readFileSync(file, "utf8"));
  const saved = join(runsFolder(), scale, `${table.id}.json`);
  if (failure === null || statSync(file).mtimeMs < statSync(saved).mtimeMs) return;
  throw new InputError({ file, fault: `the last run failed: ${failure}`, remedy: "run the table again" });
}

function refuseUnsound({ table, scale }: AnyResult, names: readonly string[]): void {
  const folder = join(runsFolder(), scale);
  const remedy = "run the table again";
  const missing = names.find((name) => !existsSync(join(folder, name)));
  if (missing !== undefined) throw new InputError({ file: join(folder, missing), fault: "is missing", remedy });
  const file = join(folder, `${table}.json`);
  const [fault] = faultsOfResult(file);
  if (fault !== undefined) throw new InputError({ file, fault: `is not sound: ${fault}`, remedy });
}

/** Seeds of the committed result that the run lacks would be lost. */
function refuseFewerSeeds(table: AnyTable, { scale, seeds }: AnyResult): void {
  const committed = storedResult(table, scale, committedFolder());
  if (committed?.current !== true || committed.result.seeds.length <= seeds.length) return;
  const count = committed.result.seeds.length;
  const file = join(runsFolder(), scale, `${table.id}.json`);
  const fault = `has ${seeds.length} of the ${count} seeds of the committed result`;
  throw new InputError({ file, fault, remedy: `run the table again with --seeds ${count} or more` });
}

interface Change {
  readonly name: string;
  readonly change: "new" | "changed" | "unchanged" | "removed";
}

/**
 * Replaces a table's files in `target` by those named. All are copied before the first is replaced,
 * so that a full disk leaves the old ones; each is renamed to its place.
 */
function replaceFiles(
  source: string,
  target: string,
  { table, names }: { readonly table: string; readonly names: readonly string[] },
): readonly Change[] {
  const staged = mkdtempSync(join(target, `.${table}-`));
  try {
    for (const name of names) cpSync(join(source, name), join(staged, name));
    const changes = names.map((name) => ({ name, change: changeOf(join(staged, name), join(target, name)) }));
    for (const name of names) renameSync(join(staged, name), join(target, name));
    const others = leftBehind(target, table, names);
    for (const name of others) rmSync(join(target, name));
    return [...changes, ...others.map((name) => ({ name, change: "removed" as const }))];
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

function changeOf(file: string, place: string): Change["change"] {
  if (!existsSync(place)) return "new";
  return readFileSync(file).equals(readFileSync(place)) ? "unchanged" : "changed";
}

/** Files of an earlier result of the table, such as a figure that it has no more. */
function leftBehind(target: string, table: string, names: readonly string[]): readonly string[] {
  const figure = /^-[a-z]+\.(png|svg|pdf)$|^-queries\.safetensors$/;
  return readdirSync(target).filter(
    (name) => name.startsWith(table) && figure.test(name.slice(table.length)) && !names.includes(name),
  );
}
