import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { positive, wholeNumber } from "../../lib/core/check";
import { random } from "../../lib/core/random";
import { environmentHere } from "./environment";
import { addToRecord } from "./record";
import { deletion, flip, kill, type Told, together } from "./torture/actions";
import type { Victim } from "./torture/after";
import { outputsOf, type TorturedCommand } from "./torture/command";
import { torturedCommands } from "./torture/commands";

type Counts = Omit<Told, "faults"> & { readonly rounds: number };

const actions = { kills: kill, flips: flip, deletions: deletion, together } as const;
type ActionName = keyof typeof actions;
const actionNames = Object.keys(actions) as readonly ActionName[];

const none: Counts = { rounds: 0, kills: 0, flips: 0, deletions: 0, together: 0, refusals: 0 };

function sum(a: Counts, b: Counts): Counts {
  return {
    rounds: a.rounds + b.rounds,
    kills: a.kills + b.kills,
    flips: a.flips + b.flips,
    deletions: a.deletions + b.deletions,
    together: a.together + b.together,
    refusals: a.refusals + b.refusals,
  };
}

/** The undisturbed run that others are compared with, in a folder of its own. */
async function undisturbed(command: TorturedCommand, folder: string, stop: AbortSignal): Promise<Victim> {
  mkdirSync(folder);
  await command.prepare(folder);
  const start = performance.now();
  const { status, stderr } = await command.start(folder).ended;
  if (status !== 0 && !stop.aborted) throw new Error(`${command.name} fails undisturbed: ${stderr}`);
  const seconds = (performance.now() - start) / 1000;
  const whole = `${folder}-whole`;
  cpSync(folder, whole, { recursive: true, verbatimSymlinks: true });
  return { command, folder, whole, seconds, stop, expected: outputsOf(command, folder), touched: new Set() };
}

interface Settings {
  readonly minutes: number;
  readonly seed: number;
  readonly commands: readonly TorturedCommand[];
  readonly stop: AbortSignal;
}

type Tally = Map<TorturedCommand["name"], { counts: Counts; readonly faults: string[] }>;

/** Rounds until the time is over or the signal comes. */
async function torture({ minutes, seed, commands, stop }: Settings): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "fct-torture-"));
  const tally: Tally = new Map();
  try {
    const victims: Victim[] = [];
    for (const command of commands) {
      if (stop.aborted) break;
      victims.push(await undisturbed(command, join(folder, command.name.replace(" ", "-")), stop));
      tally.set(command.name, { counts: none, faults: [] });
      console.log(`${command.name}: ${victims.at(-1)?.seconds.toFixed(1)} s undisturbed`);
    }
    const end = performance.now() + 60_000 * minutes;
    for (let round = 0; performance.now() < end && !stop.aborted; round++) {
      const draw = random(seed, "torture", round);
      const { victim, name } = furthest(victims, tally);
      const own = tally.get(victim.command.name) ?? { counts: none, faults: [] };
      const { faults, ...counts } = await actions[name](victim, draw);
      // A round that was stopped in its middle says nothing.
      if (stop.aborted) break;
      own.counts = sum(own.counts, { rounds: 1, ...counts });
      for (const fault of mostTelling(faults)) {
        own.faults.push(`round ${round}: ${fault.replaceAll(folder, "")}`);
        process.stdout.write(`\r${victim.command.name}, round ${round}: ${fault}\n`);
      }
      show(tally, (end - performance.now()) / 60_000);
    }
    return tally;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A round's faults, each once; of many the first. */
function mostTelling(faults: readonly string[]): readonly string[] {
  const [first, ...others] = new Set(faults);
  if (first === undefined) return [];
  return [others.length === 0 ? first : `${first}, and ${others.length} more`];
}

/** The share of an aim that is reached, infinite for what is not aimed at. */
function reached({ aims }: TorturedCommand, counts: Counts, name: ActionName): number {
  return aims[name] === 0 ? Number.POSITIVE_INFINITY : counts[name] / aims[name];
}

/** The command and the action that are farthest from their aims. */
function furthest(victims: readonly Victim[], tally: Tally): { readonly victim: Victim; readonly name: ActionName } {
  const all = victims.flatMap((victim) =>
    actionNames.map((name) => {
      const counts = tally.get(victim.command.name)?.counts ?? none;
      return { victim, name, share: reached(victim.command, counts, name) };
    }),
  );
  return all.reduce((least, other) => (other.share < least.share ? other : least));
}

function show(tally: Tally, minutesLeft: number): void {
  const all = [...tally.values()].map(({ counts }) => counts).reduce(sum, none);
  const faults = [...tally.values()].flatMap((each) => each.faults).length;
  const text =
    `${all.rounds} rounds: ${all.kills} kills, ${all.flips} bytes flipped, ${all.deletions} files removed, ` +
    `${(all.together / 60).toFixed(1)} min of several at once, ${faults} faults; ${Math.max(0, minutesLeft).toFixed(1)} min left`;
  process.stdout.write(process.stdout.isTTY ? `\r${text}\u001b[K` : `${text}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string", default: "0" },
      command: { type: "string" },
      save: { type: "string" },
    },
  });
  const seed = wholeNumber("--seed", Number(values.seed), { least: 0 });
  const minutes = positive("--minutes", Number(values.minutes));
  const commands = torturedCommands.filter(({ name }) => values.command === undefined || values.command === name);
  if (commands.length === 0)
    throw new Error(`--command: one of ${torturedCommands.map(({ name }) => name).join(", ")}`);
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => controller.abort());
  const start = performance.now();
  const tally = await torture({ minutes, seed, commands, stop: controller.signal });
  process.stdout.write("\n");
  const run = {
    seed,
    minutes: Number(((performance.now() - start) / 60_000).toFixed(1)),
    date: new Date().toISOString(),
    environment: { ...environmentHere() },
    commands: Object.fromEntries(
      [...tally].map(([name, { counts }]) => [name, { ...counts, together: Math.round(counts.together) }]),
    ),
    faults: [...tally].flatMap(([name, { faults }]) => faults.map((fault) => `${name}, ${fault}`)),
  };
  if (values.save !== undefined) addToRecord(run, values.save);
  for (const [name, counts] of Object.entries(run.commands)) console.log(`${name}: ${JSON.stringify(counts)}`);
  if (run.faults.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  const isOfUsage = error instanceof Error && `${(error as NodeJS.ErrnoException).code}`.startsWith("ERR_PARSE_ARGS");
  console.error(error instanceof RangeError || isOfUsage ? (error as Error).message : error);
  process.exitCode = 1;
});
