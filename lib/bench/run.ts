import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { projectRoot } from "../core/paths";
import { peerPython } from "./peer-environment";
import type { Comparison, GrowthResult, SideResult } from "./result";
import { type SideCommand, type SideProcess, startSide } from "./side-process";
import type { ComparisonSetup, ComparisonSide, Growth, Round } from "./workloads/measurement";

/** Hears what is done: a share from 0 to 1. */
type OnProgress = (share: number) => void;

/** Runs a comparison: both sides in processes of their own, in turn. Rejects with a side's last words where it dies. */
export async function compare(
  { id, title, unit, ours, theirs, target, rounds, note }: ComparisonSetup,
  onProgress: OnProgress = () => {},
): Promise<Omit<Comparison, "date" | "commit">> {
  const sides = theirs === null ? [ours] : [ours, theirs];
  const timed = await withSides(sides, (running) =>
    alternated(running, rounds, (done) => onProgress(done / (rounds * sides.length))),
  );
  const [own, other = null] = sides.map((side, index) => reached(side, timed[index] as Timed));
  if (own === undefined) throw new Error(`${id} has no side`);
  const ratio = other && own.rate / other.rate;
  return { id, title, unit, ours: own, theirs: other, ratio, target, ...(note === undefined ? {} : { note }) };
}

/** Runs a workload of ours at every size, once each. */
export async function grow(
  { id, title, unit, workload, sizes, note }: Growth,
  onProgress: OnProgress = () => {},
): Promise<Omit<GrowthResult, "date" | "commit">> {
  const points: GrowthResult["points"][number][] = [];
  for (const size of sizes) {
    const side: ComparisonSide = { name: "this library", runs: "node", workload, options: { items: size } };
    const [timed] = await withSides([side], (running) => alternated(running, 1));
    const seconds = timed?.rounds[0]?.seconds ?? Number.NaN;
    points.push({ size, seconds, peakBytes: timed?.peakBytes ?? null });
    onProgress(points.length / sizes.length);
  }
  const exponent = fittedExponent(points.map(({ size, seconds }) => ({ x: size, y: seconds })));
  return { id, title, unit, points, exponent, ...(note === undefined ? {} : { note }) };
}

/** Does `use` with running sides; none outlives it. */
async function withSides<T>(
  sides: readonly ComparisonSide[],
  use: (running: readonly SideProcess[]) => Promise<T>,
): Promise<T> {
  const running: SideProcess[] = [];
  try {
    for (const side of sides) running.push(await startSide(side.name, commandOf(side)));
    return await use(running);
  } finally {
    for (const side of running) side.kill();
  }
}

function reached({ name }: ComparisonSide, { rounds, peakBytes }: Timed): SideResult {
  return { name, rate: medianRate(rounds), rounds: rounds.map(({ seconds, units }) => units / seconds), peakBytes };
}

function commandOf({ runs, workload, options = {} }: ComparisonSide): SideCommand {
  const words = [workload, JSON.stringify(options)];
  if (runs === "node") {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" };
    return { command: process.execPath, words: [join(__dirname, "workloads", "our-side.js"), ...words], env };
  }
  return { command: peerPython(), words: [join(projectRoot(), "lib", "bench", "peers", "side.py"), ...words] };
}

/** What a side did. */
interface Timed {
  readonly rounds: readonly Round[];
  /** Null where it is not known. */
  readonly peakBytes: number | null;
}

/** Long enough for threads that wait busily to fall asleep. */
const pauseMs = 500;

/** Rounds of all sides in turn, with a pause before each, so that no side works while another is timed; then ends them. */
export async function alternated(
  sides: readonly SideProcess[],
  rounds: number,
  onRound: (done: number) => void = () => {},
): Promise<readonly Timed[]> {
  const timed = sides.map(() => [] as Round[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, side] of sides.entries()) {
      await setTimeout(pauseMs);
      timed[index]?.push(await side.round());
      onRound(round * sides.length + index + 1);
    }
  }
  const peaks = await Promise.all(sides.map((side) => side.end()));
  return timed.map((own, index) => ({ rounds: own, peakBytes: peaks[index] ?? null }));
}

/** Units a second: the median of the rounds. */
export function medianRate(rounds: readonly Round[]): number {
  const rates = rounds.map(({ seconds, units }) => units / seconds).sort((a, b) => a - b);
  const middle = rates.length / 2;
  return ((rates[Math.floor(middle - 0.5)] ?? Number.NaN) + (rates[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** The exponent b of y = a x^b by least squares of the logarithms. */
export function fittedExponent(points: readonly { readonly x: number; readonly y: number }[]): number {
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  const mean = (index: 0 | 1): number => logs.reduce((sum, log) => sum + log[index], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
