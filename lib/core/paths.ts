import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { InputError } from "./input-error";

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

/**
 * The folder that the user is in. It is not always the process's own: npm runs a script of this
 * clone in the clone's root, Jupyter runs a kernel in notebooks/, and npm says where it was called.
 */
export function callersFolder(): string {
  const [folder, root] = [process.cwd(), projectRoot()];
  const { INIT_CWD: caller, npm_package_json: script } = process.env;
  const moved = folder === root || `${folder}${sep}`.startsWith(join(root, "notebooks", sep));
  const byThisClone = script !== undefined && dirname(script) === root;
  return moved && byThisClone && caller !== undefined && existsSync(caller) ? caller : folder;
}

/** Makes the paths in FCT_DATA and its like absolute, for this process and those that it starts. */
export function absoluteFolders(): void {
  for (const name of ["FCT_DATA", "FCT_DATA_MIRROR", "FCT_CACHE", "FCT_RESULTS"]) {
    const folder = folderSetting(name);
    if (folder !== undefined) process.env[name] = folder;
  }
}

/** Committed datasets. */
export function dataFolder(): string {
  return join(projectRoot(), "data");
}

/** Datasets fetched or put there by hand, one folder each. FCT_DATA names another folder. */
export function fetchedFolder(): string {
  return folderSetting("FCT_DATA") ?? join(projectRoot(), "data", "fetched");
}

/** A folder of archives that replace downloads, named by FCT_DATA_MIRROR; null if unset. */
export function mirrorFolder(): string | null {
  return folderSetting("FCT_DATA_MIRROR") ?? null;
}

/** Artifacts and checkpoints; may be deleted at any time. FCT_CACHE names another folder. */
export function cacheFolder(): string {
  return folderSetting("FCT_CACHE") ?? join(committedFolder(), "cache");
}

/**
 * Committed results, one folder per scale: always those of this clone. Only `fct accept` writes.
 */
export function committedFolder(): string {
  return join(projectRoot(), "results");
}

/** Results of one's own runs, one folder per scale. FCT_RESULTS names another folder. */
export function runsFolder(): string {
  return folderSetting("FCT_RESULTS") ?? join(committedFolder(), "run");
}

/** Results of own experiments, which no table declares. FCT_RESULTS names a folder for its own/. */
export function ownFolder(): string {
  return join(folderSetting("FCT_RESULTS") ?? committedFolder(), "own");
}

/** The record of the benchmark, which is measured in place. FCT_RESULTS names another folder. */
export function benchFolder(): string {
  return folderSetting("FCT_RESULTS") ?? committedFolder();
}

/**
 * Makes a folder if it does not exist. Throws InputError if it, or one that it lies in, is a file,
 * or if files cannot be made in it; the message tells to name another one in `variable`, an
 * environment variable.
 */
export function makeWritable(folder: string, variable?: string): void {
  const existing = nearestExisting(folder);
  if (statSync(existing, { throwIfNoEntry: false })?.isDirectory() === false) {
    const fault = existing === folder ? "is a file: a folder is meant" : `lies in ${existing}, which is a file`;
    const remedy = variable === undefined ? "name a folder" : `name a folder in ${variable}`;
    throw new InputError({ file: folder, fault, remedy });
  }
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    makeFolder(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const remedy = variable === undefined ? "ask its owner" : `name a folder of your own in ${variable}`;
    throw new InputError({ file: folder, fault: `cannot be written (${code})`, remedy, cause });
  }
}

/** With those above it: mkdir alone never returns where nobody may make one, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** The path, or the nearest folder above it that exists. */
export function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** An FCT_ environment variable; undefined if it is unset or empty. */
export function setting(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

/** The absolute path of the folder that a variable names. */
function folderSetting(name: string): string | undefined {
  const value = setting(name);
  return value === undefined ? undefined : resolve(callersFolder(), value);
}

/** What `read` returns, or null if it finds that the file does not exist. */
export function unlessMissing<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whether an error says that a file does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ENOENT";
}
