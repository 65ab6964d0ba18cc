import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

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

/** An FCT_ environment variable; undefined if it is unset or empty. */
export function setting(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}
