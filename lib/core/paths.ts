import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProgressPlace } from "./progress";

/** The repository: the nearest folder above this file that has package.json and notebooks/. */
export function projectRoot(): string {
  let folder = __dirname;
  while (!(existsSync(join(folder, "package.json")) && existsSync(join(folder, "notebooks")))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json beside notebooks/ above ${__dirname}: run from a clone`);
    folder = parent;
  }
  return folder;
}

/** Committed datasets. */
export function dataFolder(): string {
  return join(projectRoot(), "data");
}

/** Datasets fetched or put there by hand, one folder each. FCT_DATA names another folder. */
export function fetchedFolder(): string {
  return setting("FCT_DATA") ?? join(projectRoot(), "data", "fetched");
}

/** A folder of archives that replace downloads, named by FCT_DATA_MIRROR; null if unset. */
export function mirrorFolder(): string | null {
  return setting("FCT_DATA_MIRROR") ?? null;
}

/** Artifacts and checkpoints; may be deleted at any time. FCT_CACHE names another folder. */
export function cacheFolder(): string {
  return setting("FCT_CACHE") ?? join(projectRoot(), "results", "cache");
}

/** Committed results, one folder per scale. FCT_RESULTS names another folder. */
export function resultsFolder(): string {
  return setting("FCT_RESULTS") ?? join(projectRoot(), "results");
}

/** What the command line chose for the tables of a notebook; a notebook opened by hand gets the defaults. */
export interface RunChoices {
  readonly scale: string;
  /** null: as many as the scale's own. */
  readonly seeds: number | null;
  /** Compute, rather than take a committed result whose declaration is the same. */
  readonly compute: boolean;
  /** Compute again what is cached. */
  readonly force: boolean;
  /** The table, for a notebook that can show several; null: its own. */
  readonly table: string | null;
  readonly progress: ProgressPlace;
}

/** The choices of the FCT_SCALE, FCT_SEEDS, FCT_COMPUTE, FCT_FORCE, FCT_TABLE and FCT_PROGRESS environment variables. */
export function runChoices(): RunChoices {
  const seeds = setting("FCT_SEEDS");
  return {
    scale: setting("FCT_SCALE") ?? "quick",
    seeds: seeds === undefined ? null : wholeNumber("FCT_SEEDS", seeds),
    compute: setting("FCT_COMPUTE") === "1",
    force: setting("FCT_FORCE") === "1",
    table: setting("FCT_TABLE") ?? null,
    progress: progressPlace(setting("FCT_PROGRESS") ?? "notebook"),
  };
}

function setting(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

function progressPlace(text: string): ProgressPlace {
  if (text === "terminal" || text === "log" || text === "notebook") return text;
  throw new RangeError(`FCT_PROGRESS=${text}: terminal, log and notebook are allowed`);
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new RangeError(`${name}=${text}: a whole number of at least 1 is allowed`);
  return Number(text);
}
