import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../../lib/core/random";
import { type Aftermath, atTheEnd, ended, type Victim } from "./after";
import { filesIn, type Run, type Torments } from "./command";

/** What a round did, and what was wrong afterwards. */
export type Told = Torments & Aftermath;

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
  const { command, folder } = victim;
  if (command.flipped === "inputs") command.undo(folder, () => true);
  else if (command.flipped === "unfinished" || draw.integer(2) === 0) {
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
