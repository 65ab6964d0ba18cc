import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

/**
 * Runs `work` while no other process does so for the same lock file. If another holds it, throws at
 * once and names that process; a lock whose process on this machine has ended is taken over.
 */
export async function exclusive<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  if (!take(path)) {
    releaseEnded(path);
    if (!take(path)) throw new Error(heldBy(path, readFileSync(path, "utf8")));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** A link appears with its content, all at once, and never replaces a file. */
function take(path: string): boolean {
  const own = `${path}.${hostname()}.${process.pid}`;
  writeFileSync(own, `${hostname()} ${process.pid}`);
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own);
  }
}

function releaseEnded(path: string): void {
  const holder = readFileSync(path, "utf8");
  const [host, pid] = holder.split(" ");
  if (host !== hostname() || isRunning(Number(pid))) throw new Error(heldBy(path, holder));
  const aside = `${path}.ended.${process.pid}`;
  renameSync(path, aside);
  // Between reading and renaming another process may have taken the lock over: it gets it back.
  if (readFileSync(aside, "utf8") !== holder) linkSync(aside, path);
  rmSync(aside);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function heldBy(path: string, holder: string): string {
  const [host, pid] = holder.split(" ");
  return `process ${pid} on ${host} is at work here: wait for it, or delete ${path} if it has ended`;
}
