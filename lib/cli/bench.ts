import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { growthFigure, ratioFigure } from "../bench/figures";
import { growths, measurements } from "../bench/measurements";
import { makePeerEnvironment, peerVersions } from "../bench/peer-environment";
import { benchMarkdown } from "../bench/report";
import { type BenchResult, benchPath, readBench, writeBench } from "../bench/result";
import { compare, grow } from "../bench/run";
import { environmentOf } from "../core/environment";
import { resultsFolder } from "../core/paths";
import { clock, progressLine, timeLeft } from "../core/progress";
import { writeAtomically } from "../core/store";
import { closeRenderer, renderFigure } from "../report/render/render";
import { device } from "../tf/device";
import { command } from "./command";

interface BenchChoices {
  readonly only?: readonly string[];
  readonly rounds?: number;
  readonly force?: boolean;
  readonly list?: boolean;
}

const ids = [...measurements, ...growths].map(({ id }) => id);

/** `fct bench`: speed and memory beside what a user would pick instead. */
export function benchCommand(): Command {
  return command("bench")
    .description("measure speed and memory beside the peers, in turn, and write results/bench.json and its figures")
    .option("--only <id...>", "these measurements alone; the others stay as they are", known)
    .option("--rounds <count>", "rounds of each side instead of the measurement's own", positive)
    .option("--force", "measure again what this commit has measured on this machine")
    .option("--list", "print the measurements and do nothing")
    .addHelpText("after", "\nPeers run from .venv-bench, which the first run makes. Let nothing else run beside it.")
    .action(bench);
}

async function bench({ only, rounds, force = false, list = false }: BenchChoices): Promise<void> {
  if (list) return console.log(listing());
  makePeerEnvironment();
  const wanted = only ?? ids;
  const failed: string[] = [];
  for (const id of wanted) {
    try {
      await measure(id, { rounds, again: force || only !== undefined });
    } catch (error) {
      failed.push(`${id}: ${(error as Error).message}`);
    }
  }
  const result = readBench();
  if (result !== null) {
    await saveFigures(result);
    console.log(benchMarkdown(result));
  }
  if (failed.length > 0) throw new Error(`${failed.length} of ${wanted.length} failed\n${failed.join("\n")}`);
}

/** Measures one thing and writes it down at once, unless this commit did on this machine. */
async function measure(
  id: string,
  { rounds, again }: { readonly rounds: number | undefined; readonly again: boolean },
): Promise<void> {
  const { commit, machine } = here();
  const stored = readBench();
  const before = stored?.device === machine.device ? stored : { comparisons: [], growths: [] };
  const known = [...before.comparisons, ...before.growths].find((entry) => entry.id === id);
  if (!again && known?.commit === commit) return console.error(`${id}: measured already`);
  const line = progressLine(process.stderr.isTTY ? "terminal" : "log");
  const start = performance.now();
  const onProgress = (share: number): void =>
    line.show(`${id} · ${Math.round(100 * share)} %${timeLeft({ start, done: share, rest: 1 - share })}`);
  const origin = { date: new Date().toISOString(), commit };
  const measurement = measurements.find((each) => each.id === id);
  const growth = growths.find((each) => each.id === id);
  if (measurement !== undefined) {
    const own = rounds === undefined ? measurement : { ...measurement, rounds };
    const entry = { ...(await compare(own, onProgress)), ...origin };
    writeBench({
      ...machine,
      growths: before.growths,
      comparisons: inOrder([...without(before.comparisons, id), entry]),
    });
  } else if (growth !== undefined) {
    const entry = { ...(await grow(growth, onProgress)), ...origin };
    writeBench({
      ...machine,
      comparisons: before.comparisons,
      growths: inOrder([...without(before.growths, id), entry]),
    });
  }
  line.keep(`${id} · done in ${clock((performance.now() - start) / 1000)}`);
}

function here() {
  const { commit, node, tensorflow, ...machine } = environmentOf(device());
  return { commit, machine: { ...machine, versions: { node, tensorflow, ...peerVersions() } } };
}

function without<T extends { readonly id: string }>(entries: readonly T[], id: string): readonly T[] {
  return entries.filter((entry) => entry.id !== id);
}

/** In the order of the declarations; what is no longer declared goes. */
function inOrder<T extends { readonly id: string }>(entries: readonly T[]): T[] {
  return ids.flatMap((id) => entries.filter((entry) => entry.id === id));
}

async function saveFigures(result: BenchResult): Promise<void> {
  const figures = { "bench-ratios": ratioFigure(result), "bench-growth": growthFigure(result) };
  for (const [name, figure] of Object.entries(figures)) {
    const { png, svg } = await renderFigure(figure, { scale: 2 });
    writeAtomically(join(resultsFolder(), `${name}.png`), png);
    writeAtomically(join(resultsFolder(), `${name}.svg`), svg);
  }
  await closeRenderer();
  console.error(`wrote ${benchPath()} and its figures`);
}

function listing(): string {
  return [...measurements, ...growths].map(({ id, title }) => `${id.padEnd(24)} ${title}`).join("\n");
}

function known(id: string, before: readonly string[] = []): readonly string[] {
  if (ids.includes(id)) return [...before, id];
  throw new InvalidArgumentError(`Allowed are ${ids.join(", ")}.`);
}

function positive(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number of at least 1 is allowed.");
}
