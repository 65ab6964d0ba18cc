import { join } from "node:path";
import { projectRoot } from "../core/paths";
import type { Comparison, GrowthResult, SideResult } from "./bench-result";
import type { Growth, Measurement, Side } from "./measurement";
import { peerPython } from "./peer-environment";
import { alternated, fittedExponent, medianRate, type Timed } from "./rounds";
import { type SideCommand, type SideProcess, startSide } from "./side-process";

/** Hears what is done: a share from 0 to 1. */
type OnProgress = (share: number) => void;

/** Runs a comparison: both sides in processes of their own, in turn. Rejects with a side's last words where it dies. */
export async function compare(
  { id, title, unit, ours, theirs, target, rounds, note }: Measurement,
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
    const side: Side = { name: "this library", runs: "node", workload, options: { items: size } };
    const [timed] = await withSides([side], (running) => alternated(running, 1));
    const seconds = timed?.rounds[0]?.seconds ?? Number.NaN;
    points.push({ size, seconds, peakBytes: timed?.peakBytes ?? null });
    onProgress(points.length / sizes.length);
  }
  const exponent = fittedExponent(points.map(({ size, seconds }) => ({ x: size, y: seconds })));
  return { id, title, unit, points, exponent, ...(note === undefined ? {} : { note }) };
}

/** Does `use` with running sides; none outlives it. */
async function withSides<T>(sides: readonly Side[], use: (running: readonly SideProcess[]) => Promise<T>): Promise<T> {
  const running: SideProcess[] = [];
  try {
    for (const side of sides) running.push(await startSide(side.name, commandOf(side)));
    return await use(running);
  } finally {
    for (const side of running) side.kill();
  }
}

function reached({ name }: Side, { rounds, peakBytes }: Timed): SideResult {
  return { name, rate: medianRate(rounds), rounds: rounds.map(({ seconds, units }) => units / seconds), peakBytes };
}

function commandOf({ runs, workload, options = {} }: Side): SideCommand {
  const words = [workload, JSON.stringify(options)];
  if (runs === "node") {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" };
    return { command: process.execPath, words: [join(__dirname, "our-side.js"), ...words], env };
  }
  return { command: peerPython(), words: [join(projectRoot(), "lib", "bench", "peers", "side.py"), ...words] };
}
