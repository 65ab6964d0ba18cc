import { z } from "zod";
import { environmentSchema } from "../core/environment";
import { InputError } from "../core/input-error";
import { markdownLine, markdownTable } from "./text/markdown-table";

const count = z.int().min(0);

const origin = {
  seed: count,
  date: z.string(),
  environment: environmentSchema,
};

const tortureRun = z.strictObject({
  ...origin,
  minutes: z.number().min(0),
  commands: z.record(
    z.string(),
    z.strictObject({
      rounds: count,
      kills: count,
      flips: count,
      deletions: count,
      together: count,
      refusals: count,
    }),
  ),
  faults: z.array(z.string()),
});

/** One run, or several that go on where the one before has stopped. */
const tortureRecord = z.strictObject({ runs: z.array(tortureRun).min(1) });

const fuzzRun = z.strictObject({
  ...origin,
  targets: z.record(
    z.string(),
    z.strictObject({
      accepted: count,
      refused: count,
      unclear: count,
      outside: count,
      crash: count,
      hang: count,
      memory: count,
      wrong: count,
    }),
  ),
  faults: z.array(z.string()),
});

const fuzzRecord = z.strictObject({ runs: z.array(fuzzRun).min(1) });

type TortureRecord = z.output<typeof tortureRecord>;
type FuzzCounts = z.output<typeof fuzzRun>["targets"][string];
type TortureCounts = z.output<typeof tortureRun>["commands"][string];
type FuzzRun = z.output<typeof fuzzRun>;

/** What runs of `npm run torture` did and found, from the text of their record `path`. */
export function tortureMarkdown(text: string, path: string): string {
  const { runs } = parsed(tortureRecord, text, path, "torture");
  const held = "Every run that followed gave the bytes of an undisturbed one and left nothing behind.";
  const faults = runs.flatMap((run) => run.faults);
  const origins = runs.map((run) => runOf(run, `${run.minutes} minutes`));
  return [tortureTable(runs), verdict(faults, held), ...origins].join("\n\n");
}

/** What runs of `npm run fuzz` found, from the text of its record `path`. */
export function fuzzMarkdown(text: string, path: string): string {
  const { runs } = parsed(fuzzRecord, text, path, "fuzz");
  const held =
    "Whatever was read is what an independent reader reads, and every refusal is one line that names the file.";
  const faults = runs.flatMap((run) => run.faults);
  const origins = runs.map((run) => runOf(run, `${sumOf(Object.values(run.targets).map(inputsOf))} inputs`));
  return [fuzzTable(runs), verdict(faults, held), ...origins].join("\n\n");
}

function parsed<Parsed>(schema: z.ZodType<Parsed>, text: string, path: string, script: string): Parsed {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const remedy = `remove it, or run npm run ${script} -- --save ${path}`;
    throw new InputError({ file: path, fault: `is not a record of npm run ${script}`, remedy, cause });
  }
}

function fuzzTable(runs: readonly FuzzRun[]): string {
  const names = [...new Set(runs.flatMap(({ targets }) => Object.keys(targets)))];
  const total = (of: (counts: FuzzCounts) => number): readonly string[] =>
    names.map((name) => `${sumOf(runs.flatMap(({ targets }) => targets[name] ?? []).map(of))}`);
  return markdownTable([
    { name: "parser", cells: names },
    { name: "inputs", cells: total(inputsOf) },
    { name: "read", cells: total(({ accepted }) => accepted) },
    { name: "refused in a line", cells: total(({ refused }) => refused) },
    { name: "faults", cells: total((counts) => inputsOf(counts) - counts.accepted - counts.refused) },
  ]);
}

function inputsOf(counts: FuzzCounts): number {
  return sumOf(Object.values(counts));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function tortureTable(runs: TortureRecord["runs"]): string {
  const names = [...new Set(runs.flatMap(({ commands }) => Object.keys(commands)))];
  const total = (of: (counts: TortureCounts) => number): string[] => {
    const values = names.map((name) =>
      runs.reduce((sum, { commands: { [name]: counts } }) => sum + (counts === undefined ? 0 : of(counts)), 0),
    );
    return [...values, values.reduce((sum, value) => sum + value, 0)].map((value) => `${Math.round(value)}`);
  };
  return markdownTable([
    { name: "command", cells: [...names, "all"] },
    { name: "kills", cells: total(({ kills }) => kills) },
    { name: "bytes flipped", cells: total(({ flips }) => flips) },
    { name: "files removed", cells: total(({ deletions }) => deletions) },
    { name: "two or three at once (min)", cells: total(({ together }) => together / 60) },
    { name: "damage refused by name", cells: total(({ refusals }) => refusals) },
  ]);
}

/** The sentence `held` if there were no faults, else the faults. */
function verdict(faults: readonly string[], held: string): string {
  if (faults.length === 0) return held;
  const heading = faults.length === 1 ? "One fault:" : `${faults.length} faults:`;
  return [heading, "", ...faults.map((fault) => `- ${markdownLine(fault)}`)].join("\n");
}

function runOf({ seed, date, environment }: Omit<FuzzRun, "targets">, amount: string): string {
  const { node, tensorflow, platform, device, cores, memoryGiB, commit } = environment;
  const machine = `${device}, ${cores} cores, ${memoryGiB} GiB, ${platform}, node ${node}, TensorFlow ${tensorflow}`;
  return `Run of ${date}: ${amount} with seed ${seed} on ${machine}, commit ${commit ?? "unknown"}.`;
}
