import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { growthFigure } from "../bench/figures/growth";
import { ratioFigure } from "../bench/figures/ratio";
import { growths } from "../bench/growths";
import { measurements } from "../bench/measurements";
import { makePeerEnvironment, peerVersions } from "../bench/peers/peer-environment";
import { benchMarkdown } from "../bench/report";
import { type BenchResult, benchPath, readBench, writeBench } from "../bench/result";
import { compare, grow } from "../bench/run";
import { environmentOf } from "../core/environment";
import { benchFolder } from "../core/paths";
import { ownPlace, progressLine } from "../core/progress";
import { clock, timeLeft } from "../core/progress/time-left";
import { closeRenderer } from "../report/render/render";
import { saveFigure } from "../report/save-figure";
import { device } from "../tf/device";
import { command } from "./options/command";

/** The heavy parts of the command, which tests replace. */
interface BenchTools {
  readonly prepare: () => void;
  readonly compare: typeof compare;
  readonly grow: typeof grow;
  readonly draw: (result: BenchResult) => Promise<void>;
}

interface BenchChoices {
  readonly only?: readonly string[];
  readonly rounds?: number;
  readonly force?: boolean;
  readonly list?: boolean;
}

const ids = [...measurements, ...growths].map(({ id }) => id);

/** `fct bench`: speed and memory beside what a user would pick instead. */
export function benchCommand(
  tools: BenchTools = { prepare: makePeerEnvironment, compare, grow, draw: saveFigures },
): Command {
  return command("bench")
    .description("measure speed and memory beside the peers, in turn, and write results/bench.json and its figures")
    .option("--only <id...>", "these measurements alone; the others stay as they are", known)
    .option("--rounds <count>", "rounds of each side instead of the measurement's own", roundCount)
    .option("--force", "measure again what this commit has measured on this machine")
    .option("--list", "print the measurements and do nothing")
    .addHelpText("after", "\nPeers run from .venv-bench, which the first run makes. Let nothing else run beside it.")
    .action((choices: BenchChoices) => bench(choices, tools));
}

async function bench(
  { only, rounds, force = false, list = false }: BenchChoices,
  { prepare, draw, ...tools }: BenchTools,
): Promise<void> {
  if (list) return console.log(listing());
  prepare();
  const wanted = only ?? ids;
  const failed: string[] = [];
  for (const id of wanted) {
    try {
      await measure(id, { ...tools, rounds, again: force || only !== undefined });
    } catch (error) {
      failed.push(`${id}: ${(error as Error).message}`);
    }
  }
  const result = readBench();
  if (result !== null) {
    await draw(result);
    console.log(benchMarkdown(result));
  }
  if (failed.length > 0) throw new Error(`${failed.length} of ${wanted.length} failed\n${failed.join("\n")}`);
}

interface MeasureOptions extends Pick<BenchTools, "compare" | "grow"> {
  readonly rounds: number | undefined;
  /** Measure even what this commit has measured on this machine. */
  readonly again: boolean;
}

/** Measures one thing and writes it down at once. */
async function measure(id: string, options: MeasureOptions): Promise<void> {
  const { commit, machine } = here();
  const before = storedOn(machine);
  const earlier = [...before.comparisons, ...before.growths].find((entry) => entry.id === id);
  if (!options.again && earlier?.commit === commit) return console.error(`${id}: measured already`);
  const line = progressLine(ownPlace());
  const start = performance.now();
  const left = timeLeft();
  left.report({ done: 0, total: 1 });
  const onProgress = (share: number): void =>
    line.show(`${id} · ${Math.round(100 * share)} %${left.report({ done: share, total: 1 })}`);
  const date = new Date().toISOString();
  const fresh = await measured(id, options, onProgress);
  const comparisons = fresh.comparisons.map((entry) => ({ ...entry, date, commit }));
  const grown = fresh.growths.map((entry) => ({ ...entry, date, commit }));
  writeBench({
    ...machine,
    comparisons: renewed(before.comparisons, comparisons),
    growths: renewed(before.growths, grown),
  });
  line.keep(`${id} · done in ${clock((performance.now() - start) / 1000)}`);
}

/** What came out of one measurement: a comparison or a growth. */
async function measured(id: string, { compare, grow, rounds }: MeasureOptions, onProgress: (share: number) => void) {
  const comparisons = measurements.filter((each) => each.id === id);
  const own = comparisons.map((setup) => (rounds === undefined ? setup : { ...setup, rounds }));
  return {
    comparisons: await Promise.all(own.map((setup) => compare(setup, { onProgress }))),
    growths: await Promise.all(growths.filter((each) => each.id === id).map((growth) => grow(growth, { onProgress }))),
  };
}

function here() {
  const { commit, node, tensorflow, ...machine } = environmentOf(device());
  return { commit, machine: { ...machine, versions: { node, tensorflow, ...peerVersions() } } };
}

/** What names a machine; that of a processor alone may stand for one with any number of cores. */
const machineParts = ["platform", "device", "cores", "memoryGiB"] as const;

/** What was measured on this machine; numbers of another machine are not kept beside them. */
function storedOn(
  machine: Pick<BenchResult, (typeof machineParts)[number]>,
): Pick<BenchResult, "comparisons" | "growths"> {
  const stored = readBench();
  const same = machineParts.every((part) => stored?.[part] === machine[part]);
  return stored !== null && same ? stored : { comparisons: [], growths: [] };
}

/** Entries with fresh ones replacing old ones, in the declared order; undeclared ones go. */
function renewed<T extends { readonly id: string }>(entries: readonly T[], fresh: readonly T[]): readonly T[] {
  const freshIds = fresh.map(({ id }) => id);
  const all = [...entries.filter(({ id }) => !freshIds.includes(id)), ...fresh];
  return ids.flatMap((id) => all.filter((entry) => entry.id === id));
}

async function saveFigures(result: BenchResult): Promise<void> {
  const figures = { "bench-ratios": ratioFigure(result), "bench-growth": growthFigure(result) };
  for (const [name, figure] of Object.entries(figures)) {
    await saveFigure(figure, join(benchFolder(), name));
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

function roundCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number of at least 1 is allowed.");
}
