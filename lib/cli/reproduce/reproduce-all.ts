import { join } from "node:path";
import { pendingOf } from "../../core/artifacts/obtain";
import { cacheFolder } from "../../core/paths";
import { clock } from "../../core/progress/time-left";
import { type AnyTable, anyRequests, declaredId } from "../../experiments/language/kinds/any-table";
import { type RunChoices, settingsOf } from "../../experiments/run-options";
import { forget } from "../../experiments/with-cache";
import { tables } from "../../tables/tables";
import { shownPath } from "../options/command";
import { compareRun, ownRun, type RunComparison } from "./compare-run";
import { type ExecutedNotebook, executeNotebook, interrupted } from "./execute-notebook";

/** How notebooks are executed, and the folder that they are written to. */
export interface ExecutionChoices
  extends Pick<RunChoices, "scale" | "seeds" | "force">,
    Partial<Pick<RunChoices, "extend" | "precision" | "images">> {
  readonly folder: string;
  /** Whether a table that was not reproduced is a failure. */
  readonly check?: boolean;
}

/**
 * Notebooks without a declared table: one looks closer at the main table's models, one runs rows of
 * its own, and one drives a gallery of drawn vectors, the last two alike at every scale.
 */
const withoutTable = ["11-explore", "12-own-experiment", "14-store"] as const;

interface Job {
  /** The table, or the notebook without one. */
  readonly name: string;
  readonly notebook: string;
  readonly table: AnyTable | null;
}

interface Outcome extends Pick<Job, "name"> {
  /** Pieces of work that the cache lacked at first. */
  readonly pieces: number;
  readonly seconds: number;
  readonly executed: Pick<ExecutedNotebook, "status" | "failure" | "html">;
  /** The run beside the committed result; null if there is no run. */
  readonly comparison: Omit<RunComparison, "text"> | null;
}

/**
 * Executes the notebooks of tables one after the other, then says which ran anew or from the cache,
 * and which failed and why. Gives the exit status.
 */
export async function reproduceAll(
  wanted: readonly AnyTable[],
  asked: ExecutionChoices,
  tools: Tools = { execute: executeNotebook, compare: compareOwnRun },
): Promise<number> {
  const choices = forgotten(wanted, asked);
  const jobs: readonly Job[] = [
    ...wanted.map((table) => ({ name: table.id, notebook: table.notebook, table })),
    ...withoutTable.map((name) => ({ name, notebook: name, table: null })),
  ];
  const outcomes: Outcome[] = [];
  for (const [index, job] of jobs.entries()) {
    const { name, notebook, table } = job;
    const pieces = table === null ? 0 : piecesToMake(table, choices);
    console.error(`\n${index + 1}/${jobs.length}: ${name} (notebook ${notebook}), ${piecesText(pieces)}`);
    const start = performance.now();
    const ended = await endOf(job, choices, tools);
    outcomes.push({ name, pieces, seconds: (performance.now() - start) / 1000, ...ended });
    if (ended.executed.status === interrupted) break;
  }
  console.log(`\n${outcomes.map(outcomeLine).join("\n")}`);
  const left = jobs.slice(outcomes.length).map(({ name }) => name);
  if (left.length > 0) console.log(`not begun: ${left.join(", ")}; the same command goes on`);
  const checked = choices.check ? outcomes.flatMap(({ comparison }) => comparison ?? []) : [];
  const unlike = checked.some(({ reproduced }) => reproduced !== true) ? 1 : 0;
  return Math.max(unlike, ...outcomes.map(({ executed }) => executed.status));
}

/**
 * Forgets, by force, what the cache holds of tables that are computed one after the other, once: or
 * each would compute again what it shares with those before it.
 */
export function forgotten(wanted: readonly AnyTable[], choices: ExecutionChoices): ExecutionChoices {
  if (choices.force) forget(wanted.flatMap((table) => anyRequests(table, choices)));
  return { ...choices, force: false };
}

/** Executes a notebook and compares its table, if any; an error is the failure of this one. */
async function endOf(
  { notebook, table }: Job,
  choices: ExecutionChoices,
  { execute, compare }: Tools,
): Promise<Pick<Outcome, "executed" | "comparison">> {
  try {
    const executed = await execute(notebook, executionOf(table, choices));
    const comparison = table === null || executed.status !== 0 ? null : compare(table, choices.scale);
    return { executed, comparison };
  } catch (error) {
    return { executed: { status: 1, failure: (error as Error).message, html: "" }, comparison: null };
  }
}

/** The heavy parts, which tests replace. */
interface Tools {
  readonly execute: typeof executeNotebook;
  readonly compare: (table: AnyTable, scale: string) => Omit<RunComparison, "text">;
}

function compareOwnRun(table: AnyTable, scale: string): RunComparison {
  return compareRun(table, ownRun(table, scale));
}

/**
 * Where and with which settings a table's notebook is executed. A table that shares its notebook
 * with an earlier one has a folder of its own.
 */
export function executionOf(
  table: AnyTable | null,
  { folder, check: _, ...choices }: ExecutionChoices,
): Parameters<typeof executeNotebook>[1] {
  if (table === null) return { folder, settings: settingsOf(choices) };
  const shares = tables.find(({ notebook }) => notebook === table.notebook) !== table;
  const settings = settingsOf({ ...choices, table: declaredId(table) });
  return { folder: shares ? join(folder, table.id) : folder, settings };
}

function piecesToMake(table: AnyTable, choices: ExecutionChoices): number {
  return pendingOf(anyRequests(table, choices), cacheFolder()).length;
}

function piecesText(pieces: number): string {
  return pieces === 0 ? "all from the cache" : `${pieces} ${pieces === 1 ? "piece" : "pieces"} of work to do`;
}

function outcomeLine({ name, pieces, seconds, executed, comparison }: Outcome): string {
  const how = pieces === 0 ? "from the cache" : `anew, ${pieces} pieces`;
  const ended = executed.failure === null ? how : `FAILED: ${executed.failure}`;
  const place = executed.failure === null ? `  ${shownPath(executed.html)}` : "";
  const verdict = comparison === null ? "" : `\n${" ".repeat(29)}${comparison.verdict}`;
  return `${name.padEnd(18)} ${clock(seconds).padStart(8)}  ${ended}${place}${verdict}`;
}
