import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";

/**
 * Runs `work` while no other process does so for the same lock file. If another holds it, throws at
 * once and names that process; a lock whose process on this machine has ended is taken over.
 */
export async function exclusive<T>(path: string, work: () => Promise<T>): Promise<T> {
  makeFolder(dirname(path));
  takeOver(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

// A lock may be released, and taken by another, at any moment between two looks at it.
const mostTries = 1000;

function takeOver(path: string): void {
  for (let tries = 0; tries < mostTries; tries++) {
    if (take(path)) return;
    const holder = contentOf(path);
    if (holder === null) continue;
    if (!hasEnded(holder)) throw heldBy(path, holder);
    releaseEnded(path, holder);
  }
  throw new InputError({ file: path, fault: "is taken and released again and again by other processes" });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

/** A link appears with its content, all at once, and never replaces a file. */
function take(path: string): boolean {
  const own = `${path}.${hostname()}.${process.pid}`;
  try {
    writeFileSync(own, `${hostname()} ${process.pid}`);
    linkSync(own, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw unreadable(path, cause);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Null if the lock is not there. */
function contentOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null;
    throw unreadable(path, cause);
  }
}

function codeOf(cause: unknown): string | undefined {
  return (cause as NodeJS.ErrnoException).code;
}

function hasEnded(holder: string): boolean {
  const [host, pid] = holder.split(" ");
  return host === hostname() && !isRunning(Number(pid));
}

/** Removes the lock of a process that has ended, unless another has taken it over meanwhile. */
function releaseEnded(path: string, holder: string): void {
  const aside = `${path}.ended.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return;
    throw unreadable(path, cause);
  }
  // Between reading and renaming another process may have taken the lock over: it gets it back.
  if (readFileSync(aside, "utf8") !== holder) giveBack(aside, path);
  rmSync(aside);
}

function giveBack(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw unreadable(path, cause);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function heldBy(path: string, holder: string): Error {
  const [host, pid] = holder.split(" ");
  return new Error(`process ${pid} on ${host} is at work here: wait for it, or delete ${path} if it has ended`);
}
