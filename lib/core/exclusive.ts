import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { InputError } from "./input-error";
import { unlessMissing } from "./paths";

/**
 * Runs `work` while no other process does so for the same lock file. If another holds it, throws
 * InputError at once and names that process; a lock whose process on this machine has ended is
 * taken over.
 */
export async function exclusive<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const own = ownName();
  const holder = otherHolder(path, own);
  if (holder !== null) throw heldBy(path, holder);
  try {
    removeLeftovers(path);
    return await work();
  } finally {
    giveBack(path, own);
  }
}

/** What a lock of this process says: its machine, its number and when it began. */
export function ownName(): string {
  return `${machine()} ${process.pid} ${statusOf(process.pid).start}`;
}

/** The namespace of process numbers that Linux begins with, on every machine. */
const firstNamespace = "pid:[4026531836]";

/**
 * The name of this machine, or of a container on it, which may bear the machine's name and yet
 * count processes of its own: of those, other containers cannot tell which have ended.
 */
function machine(): string {
  const namespace = unlessMissing(() => readlinkSync("/proc/self/ns/pid")) ?? firstNamespace;
  return namespace === firstNamespace ? hostname() : `${hostname()}+${namespace.replace(/\D/g, "")}`;
}

// Between finding a lock and reading it, its holder may give it back.
const attempts = 100;

/** Takes a lock and gives null, or gives what the lock says of the process that holds it. */
export function otherHolder(path: string, own: string): string | null {
  let holder = "";
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (linked(path, own)) return null;
    const found = holderOf(path);
    if (found === null) continue;
    if (!hasEnded(found)) return found;
    holder = found;
    removeLock(path, found);
  }
  return holder;
}

/** Removes a lock that is still one's own. */
export function giveBack(path: string, own: string): void {
  if (holderOf(path) === own) rmSync(path, { force: true });
}

/** Removes what processes of this machine that were killed while they took the lock have left. */
export function removeLeftovers(path: string): void {
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path)).filter((other) => other.startsWith(start))) {
    const [, host, pid] = /^(.+)\.(\d+)$/.exec(name.slice(start.length)) ?? [];
    const isOurs = host === machine() || host === "ended";
    if (isOurs && !isRunning(Number(pid))) rmSync(join(dirname(path), name), { force: true });
  }
}

/** Whether the lock was free. A link appears with its content at once, and replaces no file. */
function linked(path: string, holder: string): boolean {
  const own = `${path}.${machine()}.${process.pid}`;
  try {
    writeFileSync(own, holder);
    return isDone(() => linkSync(own, path)) ?? isDone(() => writeFileSync(path, holder, { flag: "wx" })) ?? false;
  } catch (error) {
    throw new InputError({ file: path, fault: `this lock cannot be made: ${(error as Error).message}`, cause: error });
  } finally {
    rmSync(own, { force: true });
  }
}

/** False if the file is there already; null if the file system has no links. */
function isDone(make: () => void): boolean | null {
  try {
    make();
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) return null;
    throw error;
  }
}

export function holderOf(path: string): string | null {
  return unlessMissing(() => readFileSync(path, "utf8"));
}

/** Removes the lock of an `ended` process. Another that takes it in between gets it back. */
export function removeLock(path: string, ended: string): void {
  const aside = `${path}.ended.${process.pid}`;
  unlessMissing(() => {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== ended) isDone(() => linkSync(aside, path));
  });
  rmSync(aside, { force: true });
}

/** Only a process of this machine can be known to have ended: another may have its number now. */
function hasEnded(holder: string): boolean {
  const [host, pid, start = ""] = holder.split(" ");
  if (host !== machine()) return false;
  const running = statusOf(Number(pid));
  return !isRunning(Number(pid)) || running.state === "Z" || (start !== "" && start !== running.start);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** What Linux tells of a process; of one that is gone, nothing. */
export interface ProcessStatus {
  /** "Z" is one that has ended. */
  readonly state: string;
  /** When it began, in clock ticks. */
  readonly start: string;
  readonly parent: number;
  /** Processor time that it has used. */
  readonly seconds: number;
}

const ticksPerSecond = 100;

/** What Linux tells of a process. */
export function statusOf(pid: number): ProcessStatus {
  // The name of the program, in brackets, may contain anything. After it come fields 3, 4, ...
  const text = statText(pid);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): string => fields[number - 3] ?? "";
  const seconds = (Number(field(14)) + Number(field(15))) / ticksPerSecond;
  return { state: field(3), start: field(22), parent: Number(field(4)), seconds };
}

/** The line of a process; empty if it has ended before it is read whole. */
function statText(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

/** A holder in words. */
export function shownHolder(holder: string): string {
  const [host = "", pid] = holder.split(" ");
  return pid === undefined ? "another process" : `process ${pid} on ${host}`;
}

function heldBy(path: string, holder: string): InputError {
  return new InputError({
    file: path,
    fault: `${shownHolder(holder)} is at work here`,
    remedy: "wait for it, or delete this file if that process has ended",
  });
}
