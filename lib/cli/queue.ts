import { existsSync } from "node:fs";
import type { Command } from "commander";
import { pendingOf, unfinishedPath } from "../core/artifacts/obtain";
import { graphOf } from "../core/artifacts/step";
import { cacheFolder, committedFolder, runsFolder } from "../core/paths";
import { ownPlace, terminalWidth } from "../core/progress";
import { Interrupted } from "../core/progress/interrupted";
import { runAnyTable } from "../experiments/language/kinds/any-run";
import { anyRequests, storedResult } from "../experiments/language/kinds/any-table";
import { saveResult } from "../report/save-result";
import { textTable } from "../report/terminal/text-table";
import { evidenceQueue, type QueuedRun } from "../tables/shared/queue";
import { tableNamed } from "../tables/tables";
import { command } from "./options/command";

/** `fct queue`: shows the runs behind the claims in their order, or does what is left of them. */
export function queueCommand(runs: readonly QueuedRun[] = evidenceQueue): Command {
  return command("queue")
    .description("the runs behind the claims in the order of what they tell for an hour: show them, or do what is left")
    .option("--run", "run what is left, one after the other; an interrupted run goes on where it was")
    .option("--json", "print the list as JSON")
    .addHelpText("after", help)
    .action(async ({ run = false, json = false }: { readonly run?: boolean; readonly json?: boolean }) => {
      if (run) process.exitCode = await runQueued(runs);
      else if (json) console.log(JSON.stringify(runs.map(stateOf), null, 2));
      else console.log(queueText(runs.map(stateOf)));
    });
}

const help = `
Runs go to results/run/ (FCT_RESULTS names another folder), from which npm run fct -- accept TABLE takes them. A run of
more seeds of the same table continues from what is cached, or, without a cache, from the committed result. Beside
other work, run it from a checkout of its own.`;

/** A run and how far it is. */
interface RunState extends QueuedRun {
  /** Where a current result with as many seeds is; null if there is none. */
  readonly result: "committed" | "own run" | null;
  /** Does it take the seeds of the committed result from there? */
  readonly extend: boolean;
  readonly steps: number;
  readonly stepsLeft: number;
  /** Is one of its steps begun and not finished? */
  readonly begun: boolean;
}

function stateOf(queued: QueuedRun): RunState {
  const { extend, requests, pending } = shortest(queued);
  const result = hasResult(queued, committedFolder())
    ? "committed"
    : hasResult(queued, runsFolder())
      ? "own run"
      : null;
  const begun = pending.some((request) => existsSync(unfinishedPath(cacheFolder(), request)));
  return { ...queued, result, extend, steps: graphOf(requests).length, stepsLeft: pending.length, begun };
}

/**
 * The way with fewer steps left: to compute all seeds, or those that the committed result lacks.
 */
function shortest({ table, scale, seeds }: QueuedRun) {
  const way = (extend: boolean) => {
    const requests = anyRequests(tableNamed(table), { scale, seeds, extend });
    return { extend, requests, pending: pendingOf(requests, cacheFolder()) };
  };
  const whole = way(false);
  try {
    const extending = way(true);
    return extending.pending.length < whole.pending.length ? extending : whole;
  } catch {
    // No result that can be extended.
    return whole;
  }
}

function hasResult({ table, scale, seeds }: QueuedRun, folder: string): boolean {
  try {
    const stored = storedResult(tableNamed(table), scale, folder);
    return stored?.current === true && stored.result.seeds.length >= seeds;
  } catch {
    // A damaged file is no result.
    return false;
  }
}

function queueText(states: readonly RunState[]): string {
  const done = states.filter(({ result }) => result !== null).length;
  const list = textTable(
    [
      { name: "table", cells: states.map(({ table }) => table) },
      { name: "scale", cells: states.map(({ scale }) => scale) },
      { name: "seeds", cells: states.map(({ seeds }) => String(seeds)) },
      { name: "state", cells: states.map(stateText) },
    ],
    terminalWidth(),
    ["state"],
  );
  return `${list}\n\n${done} of ${states.length} runs are done; npm run fct -- queue --run does the others in this order`;
}

function stateText({ result, steps, stepsLeft, begun }: RunState): string {
  if (result !== null) return `done (${result})`;
  if (stepsLeft === steps) return `${steps} steps to do`;
  return `${begun ? "begun: " : ""}${stepsLeft} of ${steps} steps to do`;
}

/** Does the runs that have no result, and gives the exit status: 1 if any of them failed. */
async function runQueued(runs: readonly QueuedRun[]): Promise<number> {
  let failed = 0;
  for (const queued of runs) {
    const { result: found, extend } = stateOf(queued);
    if (found !== null) continue;
    const { table, scale, seeds } = queued;
    console.error(`${table}, ${scale}, ${seeds} ${seeds === 1 ? "seed" : "seeds"}: starting`);
    try {
      const result = await runAnyTable(tableNamed(table), {
        scale,
        seeds,
        extend,
        compute: true,
        progress: ownPlace(),
      });
      const files = await saveResult(result);
      console.log(files[0]);
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      failed++;
      console.error(`${table}, ${scale}: ${(error as Error).message}`);
    }
  }
  return failed === 0 ? 0 : 1;
}
