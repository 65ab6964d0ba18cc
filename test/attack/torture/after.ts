import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Ending, filesIn, outputsOf, type TorturedCommand } from "./command";

/** A command, its folder, and what an undisturbed run was like. */
export interface Victim {
  readonly command: TorturedCommand;
  readonly folder: string;
  /** The folder as the undisturbed run left it. */
  readonly whole: string;
  /** Files that this round has removed or damaged. */
  readonly touched: Set<string>;
  readonly expected: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Comes when the user has had enough; a round that is then left in its middle says nothing. */
  readonly stop: AbortSignal;
}

/** How often damage was refused, and what was wrong. */
export interface Aftermath {
  /** Refusals of damaged files that named the file, after which the remedy was followed. */
  readonly refusals: number;
  readonly faults: readonly string[];
}

/**
 * Runs the command to its end and compares. It may refuse a damaged file once, naming the folder it
 * lies in; then its remedy is followed.
 */
export async function atTheEnd(victim: Victim, when: string): Promise<Aftermath> {
  const { command, folder, stop } = victim;
  if (stop.aborted) return { refusals: 0, faults: [] };
  let ending: Ending = { status: 0, signal: null, stderr: "" };
  if (!command.isFinished(folder)) ending = await command.start(folder).ended;
  let refusals = 0;
  if (ending.status === 1 && isRefusal(ending, folder)) {
    refusals++;
    command.repair(folder);
    ending = await command.start(folder).ended;
  }
  const faults = ending.status === 0 ? differences(victim) : [ended(ending)];
  // The next round begins with a whole folder.
  if (faults.length > 0) anew(victim);
  return { refusals, faults: faults.map((fault) => `${when}: ${fault}`) };
}

/** One error that names a file of the folder. */
function isRefusal({ stderr }: Ending, folder: string): boolean {
  return (
    stderr.includes(folder) && /\b(InputError|error):/i.test(stderr) && !/SyntaxError|TypeError|ENOENT/.test(stderr)
  );
}

function anew({ folder, whole, touched }: Victim): void {
  touched.clear();
  rmSync(folder, { recursive: true, force: true });
  cpSync(whole, folder, { recursive: true, verbatimSymlinks: true });
}

/** What is lost, wrong or left over. */
function differences({ command, folder, whole, expected, touched }: Victim): readonly string[] {
  const found = outputsOf(command, folder);
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].filter((name) => {
    if (found[name] === expected[name] || !command.mayStay(name) || !touched.has(name)) return true;
    cpSync(join(whole, name), join(folder, name));
    return false;
  });
  touched.clear();
  const wrong = names
    .filter((name) => found[name] !== expected[name])
    .map(
      (name) =>
        `${name} is ${found[name] === undefined ? "missing" : expected[name] === undefined ? "left over" : "wrong"}`,
    );
  const left = filesIn(folder).filter((name) => /\.tmp$|\.partial|\.unpacking|\.ended|\.example\.lock/.test(name));
  const folders = existsSync(join(folder, "dist.partial")) ? ["dist.partial"] : [];
  return [...wrong, ...[...left, ...folders].map((name) => `${name} is left over`)];
}

/** How a process ended, and its line that speaks of an error. */
export function ended({ status, signal, stderr }: Ending): string {
  const lines = stderr.trim().split("\n");
  const said = lines.find((line) => /error\b/i.test(line)) ?? lines.at(-1) ?? "";
  return `ended by ${signal ?? `status ${status}`}: ${said.slice(0, 400)}`;
}
