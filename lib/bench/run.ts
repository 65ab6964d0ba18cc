import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { writeAtomically } from "../core/artifacts/store";
import { median } from "../core/median";
import { projectRoot } from "../core/paths";
import type { Comparison, GrowthResult, SideResult } from "./result";
import { type SideCommand, type SideProcess, startSide } from "./side-process";
import type { ComparisonSetup, ComparisonSide, Growth, Round } from "./workloads/measurement";

/** How a measurement is run. */
interface RunOptions {
  /** Hears the share that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Starts a side; by default in a process of its own. */
  readonly start?: (side: ComparisonSide) => Promise<SideProcess>;
  /** Milliseconds before each round; by default enough for threads that spin to fall asleep. */
  readonly pauseMs?: number;
}

/** Times both sides of a comparison in turn. Rejects with a side's last words if it dies. */
export async function compare(
  setup: ComparisonSetup,
  options: RunOptions = {},
): Promise<Omit<Comparison, "date" | "commit">> {
  const { ours, theirs, target, rounds } = setup;
  const [own, other = null] = await timed(theirs === null ? [ours] : [ours, theirs], rounds, options);
  if (own === undefined) throw new Error(`${setup.id} has no side`);
  const results = { ours: resultOf(own), theirs: other && resultOf(other) };
  const ratio = results.theirs && results.ours.rate / results.theirs.rate;
  return { ...declared(setup), ...results, ratio, target };
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
  return { ...declared(growth), points, exponent: fittedExponent(points) };
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

/** The exponent b of seconds = a size^b, by least squares of the logarithms. */
function fittedExponent(points: GrowthResult["points"]): number {
  const logs = points.map(({ size, seconds }) => [Math.log(size), Math.log(seconds)] as const);
  const mean = (index: 0 | 1): number => logs.reduce((sum, log) => sum + log[index], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

const folder = (): string => join(projectRoot(), ".venv-bench");
const requirements = (): string => join(projectRoot(), "lib", "bench", "peers", "requirements.txt");
const stamp = (): string => join(folder(), ".requirements.txt");

/** The Python of the peers' environment. */
function peerPython(): string {
  return join(folder(), "bin", "python");
}

/**
 * Makes the peers' environment, apart from the project's own, unless it is up to date. Throws an
 * Error that says what to check if it cannot be made.
 */
export function makePeerEnvironment(): void {
  const wanted = readFileSync(requirements(), "utf8");
  if (existsSync(stamp()) && readFileSync(stamp(), "utf8") === wanted) return;
  rmSync(folder(), { recursive: true, force: true });
  run(join(projectRoot(), ".venv", "bin", "python"), ["-m", "venv", folder()]);
  run(peerPython(), ["-m", "pip", "install", "--quiet", "--requirement", requirements()]);
  writeAtomically(stamp(), wanted);
}

/** The versions of the peers' packages, from the file that pins them. */
export function peerVersions(): Readonly<Record<string, string>> {
  const lines = readFileSync(requirements(), "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split("==") as [string, string]));
}

function run(command: string, words: readonly string[]): void {
  const { status, error } = spawnSync(command, words, { stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  const reason = error?.message ?? `exit code ${status}`;
  throw new Error(
    `the peers' environment ${folder()} could not be made (${reason}): is the package index reachable, and are 3 GB free?`,
  );
}
