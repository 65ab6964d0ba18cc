import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../../lib/core/random";
import { type Ending, filesIn, outputsOf, type Run, type Torments, type TorturedCommand } from "./command";

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

/** What a round did, and what was wrong afterwards. */
export interface Told extends Torments {
  /** Refusals of damaged files that named the file, after which the remedy was followed. */
  readonly refusals: number;
  readonly faults: readonly string[];
}

export type Action = (victim: Victim, draw: Random) => Promise<Told>;

const nothing: Told = { kills: 0, flips: 0, deletions: 0, together: 0, refusals: 0, faults: [] };

/** Removes a random share of the finished work, or all of it, which is then all made again. */
function undoSome({ command, folder, touched }: Victim, draw: Random): void {
  const share = draw.integer(3) === 0 ? 1 : draw.uniform();
  const before = filesIn(folder);
  command.undo(folder, () => draw.uniform() < share);
  if (share === 1) return;
  const after = new Set(filesIn(folder));
  for (const name of before) if (!after.has(name)) touched.add(name);
}

/** Kills the command one to four times at random moments, then lets it end. */
export const kill: Action = async (victim, draw) => {
  undoSome(victim, draw);
  let kills = 0;
  for (let i = draw.integer(4); i >= 0 && !victim.stop.aborted; i--) {
    if (await killedOnce(victim, draw)) kills++;
  }
  return { ...nothing, kills, ...(await atTheEnd(victim, "after a kill")) };
};

/** Whether the process was still running when it was killed. */
async function killedOnce(victim: Victim, draw: Random): Promise<boolean> {
  const run = victim.command.start(victim.folder);
  const moment = draw.integer(2) === 0 ? afterChanges(victim, draw) : sleep(1000 * victim.seconds * draw.uniform());
  await Promise.race([moment, run.ended]);
  run.child.kill("SIGKILL");
  return (await run.ended).signal === "SIGKILL";
}

/** Some milliseconds after a random number of changes in the folder in which files appear. */
async function afterChanges({ command, folder, seconds }: Victim, draw: Random): Promise<void> {
  let changes = 1 + draw.integer(2 ** draw.integer(7));
  const end = performance.now() + 1000 * seconds;
  for (let before = ""; changes > 0 && performance.now() < end; ) {
    await sleep(1);
    const now = namesIn(join(folder, command.watched));
    if (now !== before) changes--;
    before = now;
  }
  await sleep(draw.integer(20));
}

function namesIn(folder: string): string {
  try {
    return readdirSync(folder).join("/");
  } catch {
    return "";
  }
}

/** Flips bytes of finished files, or of those of a killed run, then runs the command again. */
export const flip: Action = async (victim, draw) => {
  let kills = 0;
  if (victim.command.flipsInputs) victim.command.undo(victim.folder, () => true);
  else if (draw.integer(2) === 0) {
    undoSome(victim, draw);
    if (await killedOnce(victim, draw)) kills++;
  }
  const flipped = flipBytes(victim, draw);
  return {
    ...nothing,
    kills,
    flips: flipped.length,
    ...(await atTheEnd(victim, `with flipped ${flipped.join(", ")}`)),
  };
};

/** Flips one bit in each of some files; their names and places. */
function flipBytes({ command, folder, touched }: Victim, draw: Random): readonly string[] {
  const names = filesIn(folder).filter(command.mayFlip);
  const flipped: string[] = [];
  const count = Math.min(names.length, 1 + draw.integer(30));
  for (const i of draw.permutation(names.length).subarray(0, count)) {
    const name = names[i] as string;
    const bytes = readFileSync(join(folder, name));
    if (bytes.length === 0) continue;
    const at = draw.integer(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << draw.integer(8));
    writeFileSync(join(folder, name), bytes);
    touched.add(name);
    flipped.push(`${name} at ${at}`);
  }
  return flipped;
}

/** Two or three processes on one folder. Each ends well, or says that another is at work. */
export const together: Action = async (victim, draw) => {
  undoSome(victim, draw);
  const start = performance.now();
  const runs: Run[] = [];
  for (let i = 1 + draw.integer(2); i >= 0 && !victim.stop.aborted; i--) {
    runs.push(victim.command.start(victim.folder));
    await sleep(draw.integer(300));
  }
  const endings = await Promise.all(runs.map(({ ended }) => ended));
  const seconds = (performance.now() - start) / 1000;
  const { atWork } = victim.command;
  const faults = endings
    .filter(({ status, stderr }) => status !== 0 && !(atWork?.test(stderr) ?? false))
    .map((ending) => `${endings.length} at once: ${ended(ending)}`);
  if (!endings.some(({ status }) => status === 0)) faults.push(`none of ${endings.length} at once ended well`);
  const after = await atTheEnd(victim, "after several at once");
  return { ...nothing, together: seconds, ...after, faults: [...faults, ...after.faults] };
};

/** Removes files of the cache while the command runs, which may be done at any time. */
export const deletion: Action = async (victim, draw) => {
  const { command, folder } = victim;
  undoSome(victim, draw);
  const run = command.start(folder);
  let running = true;
  void run.ended.then(() => {
    running = false;
  });
  let deletions = 0;
  while (running) {
    await sleep(draw.integer(400));
    const names = filesIn(folder).filter((name) => command.mayRemove(name));
    if (names.length === 0) continue;
    const name = names[draw.integer(names.length)] as string;
    rmSync(join(folder, name), { force: true });
    victim.touched.add(name);
    deletions++;
  }
  const ending = await run.ended;
  const faults = ending.status === 0 ? [] : [`with files removed: ${ended(ending)}`];
  const after = await atTheEnd(victim, "after files were removed");
  return { ...nothing, deletions, ...after, faults: [...faults, ...after.faults] };
};

/**
 * Runs the command to its end and compares. It may refuse a damaged file once, naming the folder it
 * lies in; then its remedy is followed.
 */
async function atTheEnd(victim: Victim, when: string): Promise<Pick<Told, "refusals" | "faults">> {
  const { command, folder, stop } = victim;
  if (stop.aborted) return { refusals: 0, faults: [] };
  let ending = await command.start(folder).ended;
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

function ended({ status, signal, stderr }: Ending): string {
  const lines = stderr.trim().split("\n");
  const said = lines.find((line) => /error\b/i.test(line)) ?? lines.at(-1) ?? "";
  return `ended by ${signal ?? `status ${status}`}: ${said.slice(0, 400)}`;
}
