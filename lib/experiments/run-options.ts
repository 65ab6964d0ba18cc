import type { CacheOptions } from "../core/artifacts/obtain";
import { graphOf, type Request } from "../core/artifacts/step";
import { oneOf, unexpected, wholeNumber } from "../core/check";
import { setting } from "../core/paths";
import { ownPlace, type ProgressLine, type ProgressPlace, terminalWidth } from "../core/progress";
import { Interrupted } from "../core/progress/interrupted";
import { clock, timeLeft } from "../core/progress/time-left";
import { type Precision, precisions } from "../tf/graph/precision";
import { type OwnImages, ownImagesSchema } from "./on-own-images";
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
  /** Take the seeds of the committed result from it, and compute only the others. */
  readonly extend: boolean;
  /** The declared table, for a notebook that can show several; null means its first. */
  readonly table: string | null;
  /** In what all models of a table compute. */
  readonly precision: Precision;
  /** A user's own images in place of the table's; null if there are none. */
  readonly images: OwnImages | null;
  readonly progress: ProgressPlace;
}

/** What of the choices says which steps a run has. */
export type ChosenSteps = Pick<RunChoices, "scale" | "seeds"> & Partial<Pick<RunChoices, "extend">>;

// The command line starts a notebook's kernel in another process, so its choices travel there as
// environment variables: settingsOf writes them, runChoices reads them.

/** The environment variables of a kernel that computes with these choices. */
export function settingsOf({
  scale,
  seeds = null,
  force = false,
  extend = false,
  table = null,
  precision = "float32",
  images = null,
}: Pick<RunChoices, "scale"> &
  Partial<Pick<RunChoices, "seeds" | "force" | "extend" | "table" | "precision" | "images">>): Readonly<
  Record<string, string>
> {
  return {
    FCT_SCALE: scale,
    FCT_SEEDS: seeds === null ? "" : String(seeds),
    FCT_FORCE: force ? "1" : "",
    FCT_EXTEND: extend ? "1" : "",
    FCT_COMPUTE: "1",
    FCT_PRECISION: precision,
    FCT_IMAGES: images === null ? "" : JSON.stringify(images),
    FCT_PROGRESS: ownPlace(),
    FCT_COLUMNS: String(terminalWidth()),
    ...(table === null ? {} : { FCT_TABLE: table }),
  };
}

/** The choices in this process's environment. Throws RangeError on a value that is not allowed. */
export function runChoices(): RunChoices {
  const [seeds, images] = [setting("FCT_SEEDS"), setting("FCT_IMAGES")];
  return {
    scale: setting("FCT_SCALE") ?? "quick",
    seeds: seeds === undefined ? null : seedCount(seeds),
    compute: setting("FCT_COMPUTE") === "1",
    force: setting("FCT_FORCE") === "1",
    extend: setting("FCT_EXTEND") === "1",
    table: setting("FCT_TABLE") ?? null,
    precision: oneOf("FCT_PRECISION", setting("FCT_PRECISION") ?? "float32", precisions),
    images: images === undefined ? null : ownImagesSchema.parse(JSON.parse(images)),
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
  const { table } = runChoices();
  if (table === null) return tables[0];
  const found = tables.find(({ id }) => id === table);
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
  const stop = (): void => interrupt.abort(new Interrupted());
  process.once("SIGINT", stop);
  try {
    return await work(interrupt.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}

/**
 * The callbacks of `obtain` that keep a line of progress: how many of the pieces of work behind
 * `requests` are done, the running one, its own words, and the time left for all that is pending.
 */
export function runProgress(
  line: ProgressLine,
  requests: readonly Request[],
  pending: readonly Request[],
): Pick<CacheOptions, "warn" | "started" | "finished" | "progress"> {
  const total = graphOf(requests).length;
  const waiting = new Set(pending.map(({ key }) => key));
  const work = pending.reduce((sum, request) => sum + effortOf(request), 0);
  const estimate = timeLeft();
  let running: Request | null = null;
  let start = 0;
  let done = 0;
  // An evaluation is over before it could be said to begin.
  const counts = (request: Request): boolean => effortOf(request) > work / 1000;
  const pieces = (): string => `${total - waiting.size}/${total} pieces`;
  return {
    warn: (message) => line.keep(`warning: ${message}`),
    started: (request) => {
      running = request;
      start = performance.now();
      if (counts(request)) estimate.begin();
      line.show(`${pieces()} · ${request.label} · loading data and building the graph ...`);
    },
    finished: (request) => {
      done += effortOf(request);
      waiting.delete(request.key);
      estimate.report({ done, total: Math.max(done, work) });
      line.keep(`${pieces()} · ${request.label}: done in ${clock((performance.now() - start) / 1000)}`);
    },
    progress: {
      report: (share, words) => {
        const now = done + share * (running === null ? 0 : effortOf(running));
        const toBegin = pending.filter(
          (each) => each.key !== running?.key && waiting.has(each.key) && counts(each),
        ).length;
        const left = estimate.report({ done: now, total: Math.max(now, work), toBegin });
        line.show(`${pieces()} · ${running?.label} · ${words}${left}`);
      },
    },
  };
}

/** The work of a request in multiply-adds of a large network. */
function effortOf({ cost, slowness }: Request): number {
  return cost * slowness;
}
