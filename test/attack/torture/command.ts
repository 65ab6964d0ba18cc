import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** How often something was done, or is to be done: together in seconds, the rest by number. */
export interface Torments {
  readonly kills: number;
  readonly flips: number;
  readonly deletions: number;
  /** Seconds in which two or three processes ran at once. */
  readonly together: number;
}

/** Something that a user runs, in a folder of its own. */
export interface TorturedCommand {
  readonly name: "reproduce" | "map" | "learn" | "data get" | "set-up";
  /** What a recorded run does at least; nothing that is 0 is done. */
  readonly aims: Torments;
  /** Puts the inputs into an empty folder. */
  readonly prepare: (folder: string) => Promise<void> | void;
  readonly start: (folder: string) => Run;
  /** Where its files appear while it runs, below the folder. */
  readonly watched: string;
  /** Whether a file is only needed for what lacks: once touched, it may stay as it is. */
  readonly mayStay: (name: string) => boolean;
  /** Whether the bytes of a finished file must be those of an undisturbed run. */
  readonly isOutput: (name: string) => boolean;
  /** Whether a file may be damaged: it is made again, or refused by its name. */
  readonly mayFlip: (name: string) => boolean;
  /** When that has a meaning: at any time, in what a killed run left, or in inputs before the work. */
  readonly flipped: "any time" | "unfinished" | "inputs";
  /** Whether a file may be removed at any time, even while the command runs. */
  readonly mayRemove: (name: string) => boolean;
  /** Whether the work is finished, so that a user does not run it again. */
  readonly isFinished: (folder: string) => boolean;
  /** What its last words may be if another process is at the same work or has done it. */
  readonly atWork: RegExp | null;
  /** Follows the remedy that a refusal of a damaged file names. */
  readonly repair: (folder: string) => void;
  /** Removes some of the finished work, so that there is work again. */
  readonly undo: (folder: string, leaveOut: (name: string) => boolean) => void;
}

/** How a process ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
}

/** Starts a process that keeps what it says on the standard error. */
export function started(words: readonly string[], settings: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, words, {
    env: { ...process.env, NODE_PATH: "", TF_CPP_MIN_LOG_LEVEL: "3", ...settings },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (text: Buffer) => {
    stderr = (stderr + text.toString()).slice(-4000);
  });
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => {
      // A program that it had started may hold the pipe open.
      setTimeout(() => resolve({ status, signal, stderr }), 20);
    });
  });
  return { child, ended };
}

/** The files beneath a folder, by their path below it. */
export function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  // A running process may remove a folder while it is listed.
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort();
  } catch {
    return [];
  }
}

/** Digests of the outputs by name. */
export function outputsOf({ isOutput }: TorturedCommand, folder: string): Readonly<Record<string, string>> {
  const names = filesIn(folder).filter(isOutput);
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}
