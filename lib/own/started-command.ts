import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { projectRoot } from "../core/paths";

/** A command that runs in a process of its own. */
export interface StartedCommand {
  /** Ends it as a power cut would, by SIGKILL. */
  readonly kill: () => void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

/** Starts `fct` with these words in a process of its own, whose output is dropped. */
export function startedCommand(...words: readonly string[]): StartedCommand {
  const program = join(projectRoot(), "lib", "dist", "cli", "fct.js");
  const child = spawn(process.execPath, [program, ...words], { stdio: "ignore" });
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  return { kill: () => void child.kill("SIGKILL"), ended };
}

/** Waits until something holds, and does `meanwhile` again and again, or else nothing. */
export async function until(
  holds: () => boolean,
  meanwhile: () => Promise<unknown> = () => setTimeout(5),
): Promise<void> {
  while (!holds()) await meanwhile();
}
