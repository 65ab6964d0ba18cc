import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { median } from "../core/median";
import { projectRoot } from "../core/paths";
import { peerPython } from "./peers/peer-environment";
import type { Comparison, GrowthResult, SideResult, Trial } from "./result";
import { type SideCommand, type SideProcess, startSide } from "./side-process";
import type { ComparisonSetup, ComparisonSide, Growth, Round } from "./workloads/measurement";

/** The rounds by which the fastest way is chosen. */
const TRIAL_ROUNDS = 2;

/** How a measurement is run. */
interface RunOptions {
  /** Hears the share that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Starts a side; by default in a process of its own. */
  readonly start?: (side: ComparisonSide) => Promise<SideProcess>;
  /** Milliseconds before each round; by default enough for threads that spin to fall asleep. */
  readonly pauseMs?: number;
}

/**
 * Times the fastest ways of both sides in turn. Rejects with a side's last words if it dies, or if
 * no way of a side can be run.
 */
export async function compare(
  setup: ComparisonSetup,
  options: RunOptions = {},
): Promise<Omit<Comparison, "date" | "commit">> {
  const { target, memoryTarget, rounds } = setup;
  const choice = await fastest(setup, options);
  const onProgress = (share: number): void => options.onProgress?.(choice.share + (1 - choice.share) * share);
  const [own, other = null] = await timed(choice.sides, rounds, { ...options, onProgress });
  if (own === undefined) throw new Error(`${setup.id} has no side`);
  const results = { ours: resultOf(own), theirs: other && resultOf(other) };
  const ratio = results.theirs && results.ours.rate / results.theirs.rate;
  const aims = { target, ...(memoryTarget === undefined ? {} : { memoryTarget }) };
  const tried = choice.tried.length === 0 ? {} : { tried: choice.tried };
  return { ...declared(setup), ...results, ...tried, ratio, ...aims };
}

/**
 * The fastest way of each side, what every way reached where there was a choice, and its share of
 * all the time.
 */
interface Choice {
  readonly sides: readonly ComparisonSide[];
  readonly tried: readonly Trial[];
  readonly share: number;
}

/**
 * Tries every way of a side that has several, each in a process of its own, one after the other.
 */
async function fastest({ id, ours, theirs }: ComparisonSetup, options: RunOptions): Promise<Choice> {
  const both = [["ours", ours] as const, ["theirs", theirs] as const];
  const count = both.reduce((sum, [, ways]) => sum + (ways.length > 1 ? ways.length : 0), 0);
  const share = count / (count + 2);
  const tried: Trial[] = [];
  const sides: ComparisonSide[] = [];
  for (const [side, ways] of both) {
    const rates = new Map<ComparisonSide, number>();
    const faults: string[] = [];
    for (const way of ways.length > 1 ? ways : []) {
      const rate = await rateOf(way, options).catch((error: Error) => void faults.push(error.message));
      if (rate !== undefined) rates.set(way, rate);
      tried.push({ side, name: way.name, rate: rate ?? null });
      options.onProgress?.((share * tried.length) / count);
    }
    const best =
      ways.length > 1 ? [...rates.keys()].find((way) => rates.get(way) === Math.max(...rates.values())) : ways[0];
    if (best === undefined && ways.length > 0) throw new Error(`${id}: ${faults.join("\n")}`);
    if (best !== undefined) sides.push(best);
  }
  return { sides, tried, share };
}

/** The rate of one way on its own. */
async function rateOf(way: ComparisonSide, options: RunOptions): Promise<number> {
  const [alone] = await timed([way], TRIAL_ROUNDS, { ...options, onProgress: () => {} });
  return alone === undefined ? 0 : resultOf(alone).rate;
}

/** Runs a workload of ours once at every size. Rejects with its last words if it dies. */
export async function grow(growth: Growth, options: RunOptions = {}): Promise<Omit<GrowthResult, "date" | "commit">> {
  const { workload, sizes } = growth;
  const points: GrowthResult["points"][number][] = [];
  for (const size of sizes) {
    const side: ComparisonSide = { name: "this library", runs: "node", workload, options: { items: size } };
    const onProgress = (share: number): void => options.onProgress?.((points.length + share) / sizes.length);
    const [own] = await timed([side], 1, { ...options, onProgress });
    points.push({ size, seconds: own?.rounds[0]?.seconds ?? Number.NaN, peakBytes: own?.peakBytes ?? null });
  }
  return { ...declared(growth), points };
}

/** What a result repeats of its declaration. */
function declared({ id, title, unit, note }: ComparisonSetup | Growth): Pick<Growth, "id" | "title" | "unit" | "note"> {
  return { id, title, unit, ...(note === undefined ? {} : { note }) };
}

/** A side that was timed. */
interface TimedSide {
  readonly name: string;
  readonly rounds: readonly Round[];
  /** Null if it is not known. */
  readonly peakBytes: number | null;
}

function resultOf({ name, rounds, peakBytes }: TimedSide): SideResult {
  const rates = rounds.map(({ seconds, units }) => units / seconds);
  return { name, rate: median(rates), rounds: rates, peakBytes };
}

/** Starts the sides, times their rounds in turn and ends them; none outlives it. */
async function timed(
  sides: readonly ComparisonSide[],
  rounds: number,
  { start = inProcess, pauseMs = 500, onProgress = () => {} }: RunOptions,
): Promise<readonly TimedSide[]> {
  const running: SideProcess[] = [];
  try {
    for (const side of sides) running.push(await start(side));
    const all = await roundsInTurn(running, { rounds, pauseMs, onProgress });
    const peaks = await Promise.all(running.map((side) => side.end()));
    return sides.map(({ name }, index) => ({ name, rounds: all[index] ?? [], peakBytes: peaks[index] ?? null }));
  } finally {
    for (const side of running) side.kill();
  }
}

/** Rounds of all sides in turn, with a pause before each, so that no side works beside another. */
async function roundsInTurn(
  sides: readonly SideProcess[],
  { rounds, pauseMs, onProgress }: Required<Pick<RunOptions, "pauseMs" | "onProgress">> & { readonly rounds: number },
): Promise<readonly (readonly Round[])[]> {
  const done = sides.map(() => [] as Round[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) {
      await setTimeout(pauseMs);
      done[index]?.push(await side.round());
      onProgress((round * sides.length + index + 1) / (rounds * sides.length));
    }
  }
  return done;
}

function inProcess(side: ComparisonSide): Promise<SideProcess> {
  return startSide(side.name, commandOf(side));
}

function commandOf({ runs, workload, options = {} }: ComparisonSide): SideCommand {
  const words = [workload, JSON.stringify(options)];
  if (runs === "node") {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" };
    return { command: process.execPath, words: [join(__dirname, "workloads", "our-side.js"), ...words], env };
  }
  return { command: peerPython(), words: [join(projectRoot(), "lib", "bench", "peers", "side.py"), ...words] };
}
