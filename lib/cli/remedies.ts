import { sep } from "node:path";
import { InputError } from "../core/input-error";
import { cacheFolder, fetchedFolder, ownFolder, runsFolder } from "../core/paths";

/**
 * What to do if the operating system refuses something, by the code of its error; `variable` names
 * the folder in which it did, if the folder is this program's.
 */
const remedies: Readonly<Record<string, (variable: string | null) => string>> = {
  ENOSPC: (variable) => {
    if (variable === null) return "the disk is full: free some space";
    const cache = variable === "FCT_CACHE" ? ` (${cacheFolder()} may be deleted)` : "";
    return `the disk is full: free some space${cache}, or name another folder in ${variable}`;
  },
  EDQUOT: (variable) => `your share of the disk is used up: free some space${another(variable)}`,
  EMFILE: () => "too few files may be open at once: ulimit -n 1024, then run it again",
  EACCES: (variable) => `ask the owner for the right${another(variable)}`,
  EPERM: (variable) => `ask the owner for the right${another(variable)}`,
  EROFS: (variable) => `the disk is read-only: name another place${variable === null ? "" : ` in ${variable}`}`,
};

function another(variable: string | null): string {
  return `, or name ${variable === null ? "another place" : `a folder of your own in ${variable}`}`;
}

/**
 * The remedy of an error of the operating system, as the end of a line, with the path that failed
 * if the message lacks it; empty for other errors.
 */
export function remedyOf(error: Error): string {
  if (error instanceof InputError) return "";
  const { code, path } = systemErrorIn(error);
  const remedy = code === undefined ? undefined : remedies[code];
  if (remedy === undefined) return "";
  const place = path === undefined || error.message.includes(path) ? "" : ` (${path})`;
  return `${place}; ${remedy(path === undefined ? null : variableOf(path))}`;
}

/** The error, or what caused it. */
function systemErrorIn(error: Error): NodeJS.ErrnoException {
  return !("code" in error) && error.cause instanceof Error ? error.cause : error;
}

/** The variable that names the folder of the program in which a path lies; null for others. */
function variableOf(path: string): string | null {
  const folders = [
    ["FCT_CACHE", cacheFolder()],
    ["FCT_RESULTS", runsFolder()],
    ["FCT_RESULTS", ownFolder()],
    ["FCT_DATA", fetchedFolder()],
  ] as const;
  return folders.find(([, folder]) => `${path}${sep}`.startsWith(`${folder}${sep}`))?.[0] ?? null;
}
