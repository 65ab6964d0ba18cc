import { type RunChoices, runChoices } from "../core/paths";
import { type ProgressLine, timeLeft } from "../core/progress";
import type { CacheOptions, Request } from "../core/step";
import type { Table } from "./table";

/** More repetitions than this tell little more; the official results are single runs. */
export const maximumSeeds = 10;

/** The scale, its data in words, and the seeds 0 .. n - 1 of a run. Throws RangeError on a scale the table lacks or a seed count out of range. */
export function scaleOf(
  table: Table,
  { scale, seeds }: Pick<RunChoices, "scale" | "seeds">,
): { readonly scale: string; readonly dataset: string; readonly seeds: readonly number[] } {
  const declared = table.scales[scale];
  if (declared === undefined) {
    throw new RangeError(`scale ${scale}: table ${table.id} runs at ${Object.keys(table.scales).join(", ")}`);
  }
  const count = seeds ?? declared.seeds;
  if (!(Number.isInteger(count) && count >= 1 && count <= maximumSeeds)) {
    throw new RangeError(`${count} seeds: a whole number from 1 to ${maximumSeeds} is allowed`);
  }
  return { scale, dataset: declared.dataset, seeds: Array.from({ length: count }, (_, seed) => seed) };
}

/** The table that the command line chose among those a notebook can show; the first unless it chose. Throws RangeError on another. */
export function chosenTable(tables: readonly [Table, ...Table[]]): Table {
  const { table } = runChoices();
  if (table === null) return tables[0];
  const found = tables.find(({ id }) => id === table);
  if (found === undefined)
    throw new RangeError(`table ${table}: this notebook shows ${tables.map(({ id }) => id).join(", ")}`);
  return found;
}

/** The scale that the command line chose; quick unless it chose. */
export function currentScale(): string {
  return runChoices().scale;
}

/** Runs `work` with a signal that SIGINT (Ctrl-C, a notebook's stop button) aborts. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort(new Error("interrupted: run again to continue where it stopped"));
  process.once("SIGINT", stop);
  try {
    return await work(interrupt.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}

/** The callbacks of `cached` that keep a line of progress: rows done, the running step, its words, the time left for all. */
export function runProgress(
  line: ProgressLine,
  pending: readonly Request[],
  rows: { readonly total: number; readonly done: () => number },
): Pick<CacheOptions, "warn" | "started" | "finished" | "progress"> {
  const start = performance.now();
  const waiting = new Map(pending.map(({ key, cost }) => [key, cost]));
  let running: Request | null = null;
  let spent = 0;
  const left = (share: number): string => {
    const current = share * (running?.cost ?? 0);
    const rest = [...waiting.values()].reduce((sum, cost) => sum + cost, 0) - current;
    return timeLeft({ start, done: spent + current, rest });
  };
  return {
    warn: (message) => line.keep(`warning: ${message}`),
    started: (request) => {
      running = request;
    },
    finished: (request) => {
      spent += request.cost;
      waiting.delete(request.key);
      line.keep(`rows ${rows.done()}/${rows.total} · ${request.label}: done`);
    },
    progress: {
      report: (share, words) => {
        line.show(`rows ${rows.done()}/${rows.total} · ${running?.label} · ${words}${left(share)}`);
      },
    },
  };
}
