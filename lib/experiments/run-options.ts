import type { CacheOptions } from "../core/artifacts/obtain";
import type { Request } from "../core/artifacts/step";
import { oneOf, unexpected, wholeNumber } from "../core/check";
import { setting } from "../core/paths";
import { type ProgressLine, type ProgressPlace, timeLeft } from "../core/progress";
import { type Precision, precisions } from "../tf/graph/precision";
import { atPrecision } from "./at-precision";
import type { Table, TableScale } from "./table";

/** More repetitions than this tell little more; the official results are single runs. */
export const maximumSeeds = 10;

/** What the command line chose for a run; a notebook opened by hand gets the defaults. */
export interface RunChoices {
  readonly scale: string;
  /** How many seeds; null means the scale's own number. */
  readonly seeds: number | null;
  /** Compute, even if a committed result of the same declaration exists. */
  readonly compute: boolean;
  /** Compute again what is cached. */
  readonly force: boolean;
  /** The table, for a notebook that can show several; null means its first. */
  readonly table: string | null;
  /** In what all models of a table compute. */
  readonly precision: Precision;
  readonly progress: ProgressPlace;
}

// The command line starts a notebook's kernel in another process, so its choices travel there as
// environment variables: settingsOf writes them, runChoices reads them.

/** The environment variables of a kernel that computes with these choices. */
export function settingsOf({
  scale,
  seeds = null,
  force = false,
  table = null,
  precision = "float32",
}: Pick<RunChoices, "scale"> & Partial<Pick<RunChoices, "seeds" | "force" | "table" | "precision">>): Readonly<
  Record<string, string>
> {
  return {
    FCT_SCALE: scale,
    FCT_SEEDS: seeds === null ? "" : String(seeds),
    FCT_FORCE: force ? "1" : "",
    FCT_COMPUTE: "1",
    FCT_PRECISION: precision,
    FCT_PROGRESS: process.stderr.isTTY ? "terminal" : "log",
    ...(table === null ? {} : { FCT_TABLE: table }),
  };
}

/** The choices in this process's environment. Throws RangeError on a value that is not allowed. */
export function runChoices(): RunChoices {
  const seeds = setting("FCT_SEEDS");
  return {
    scale: setting("FCT_SCALE") ?? "quick",
    seeds: seeds === undefined ? null : seedCount(seeds),
    compute: setting("FCT_COMPUTE") === "1",
    force: setting("FCT_FORCE") === "1",
    table: setting("FCT_TABLE") ?? null,
    precision: oneOf("FCT_PRECISION", setting("FCT_PRECISION") ?? "float32", precisions),
    progress: oneOf("FCT_PROGRESS", setting("FCT_PROGRESS") ?? "notebook", ["terminal", "log", "notebook"]),
  };
}

function seedCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw unexpected("FCT_SEEDS", "a whole number of at least 1", text);
}

/**
 * The scale of a run, its dataset in words, and its seeds 0 to n - 1. Throws RangeError if the
 * table does not run at this scale or the number of seeds is out of range.
 */
export function scaleOf(
  table: Pick<Table, "id" | "scales">,
  { scale, seeds }: Pick<RunChoices, "scale" | "seeds">,
): { readonly scale: string; readonly dataset: string; readonly seeds: readonly number[] } {
  const known = oneOf(`scale of table ${table.id}`, scale, Object.keys(table.scales));
  const { seeds: own, dataset } = table.scales[known] as TableScale;
  const count = wholeNumber("seeds", seeds ?? own, { least: 1, most: maximumSeeds });
  return { scale, dataset, seeds: Array.from({ length: count }, (_, seed) => seed) };
}

/**
 * The table that the command line chose among those a notebook can show, or else the first.
 * Throws RangeError if it chose another one.
 */
export function chosenTable(tables: readonly [Table, ...Table[]]): Table {
  const { table, precision } = runChoices();
  if (table === null) return tables[0];
  const found = tables.find((each) => atPrecision(each, precision).id === table);
  if (found !== undefined) return found;
  throw unexpected("table of this notebook", `one of ${tables.map(({ id }) => id).join(", ")}`, table);
}

/** The scale that the command line chose, or else quick. */
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

/** Rows of a run, for its line of progress. */
export interface RowCount {
  readonly total: number;
  readonly done: () => number;
}

/**
 * The callbacks of `obtain` that keep a line of progress: the rows done, the running step, its own
 * words, and the time left for all pending steps.
 */
export function runProgress(
  line: ProgressLine,
  pending: readonly Request[],
  rows: RowCount,
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
