import { type ChildProcess, execFile, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { oneOf, wholeNumber } from "../../lib/core/check";
import type { Json } from "../../lib/core/hash";
import { projectRoot } from "../../lib/core/paths";
import { environmentHere } from "./environment";
import { attack, inputsOf, type Work, writeInput } from "./fuzz-child";
import type { FuzzTarget, Outcome } from "./fuzz-target";
import { addToRecord } from "./record";
import { fuzzTargets } from "./targets/targets";

const hangSeconds = 20;
const mostBytes = 2 ** 30;
const mostKinds = 12;

/** An input, by its number, that ended as none may. */
interface Fault {
  readonly input: number;
  readonly kind: Outcome["kind"];
  readonly message: string;
}

/** How often each outcome came, and the faults. */
export interface FuzzReport {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly counts: Readonly<Record<Outcome["kind"], number>>;
  readonly faults: readonly Fault[];
}

/** A child process that reads inputs, until it dies of one; null before the first and after that. */
interface Reader {
  child: ChildProcess | null;
}

/** Reads `count` mutated inputs of a target in child processes with a limit of time and memory. */
export async function fuzz(
  target: FuzzTarget,
  { count, seed }: { count: number; seed: number },
  reader: Reader,
): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), `fct-fuzz-${target.name}-`));
  try {
    const outcomes: Outcome[] = [];
    while (outcomes.length < count) {
      const work: Work = { target: target.name, seed, from: outcomes.length, to: count, folder: join(folder, "work") };
      await oneProcess(work, (outcome) => outcomes.push(outcome), reader);
    }
    return report(target, seed, await againstIndependent(target, seed, outcomes));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lets a child work until that is done or it dies of an input; `heard` gets one outcome an input. */
function oneProcess(work: Work, heard: (outcome: Outcome) => void, reader: Reader): Promise<void> {
  const child =
    reader.child ??
    fork(process.argv[1] as string, ["--child"], {
      execArgv: ["--max-old-space-size=900"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
  reader.child = child;
  child.send(work);
  return new Promise((resolve) => {
    let reading = false;
    let since = Date.now();
    let killed: Outcome | null = null;
    const settle = (): void => {
      clearInterval(watch);
      child.removeAllListeners("message").removeAllListeners("close");
      resolve();
    };
    child.on("message", ({ outcome, done }: { readonly outcome: Outcome | null; readonly done?: true }) => {
      if (killed !== null) return;
      if (done) return settle();
      reading = outcome === null;
      since = Date.now();
      if (outcome !== null) heard(outcome);
    });
    const watch = setInterval(() => {
      if (killed !== null) return;
      if (residentBytes(child) > mostBytes) killed = { kind: "memory", message: `over ${mostBytes} bytes` };
      else if (reading && Date.now() - since > 1000 * hangSeconds) {
        killed = { kind: "hang", message: `over ${hangSeconds} s` };
      }
      if (killed !== null) child.kill("SIGKILL");
    }, 100);
    child.on("close", (status, signal) => {
      reader.child = null;
      if (reading || killed !== null) heard(killed ?? { kind: "crash", message: `${signal ?? `status ${status}`}` });
      else heard({ kind: "crash", message: `between inputs: ${signal ?? `status ${status}`}` });
      settle();
    });
  });
}

function residentBytes({ pid }: ChildProcess): number {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  } catch {
    return 0;
  }
}

/** Accepted inputs are read again by independent/run.py; what it reads otherwise, or refuses, is a fault. */
async function againstIndependent(
  target: FuzzTarget,
  seed: number,
  outcomes: readonly Outcome[],
): Promise<readonly Outcome[]> {
  const inputAt = await inputsOf(target, seed);
  const folder = mkdtempSync(join(tmpdir(), "fct-fuzz-accepted-"));
  try {
    const files = outcomes.flatMap(({ kind }, index) =>
      kind === "accepted" ? [[index, writeInput(join(folder, `${index}`), inputAt(index))] as const] : [],
    );
    const read = await independently(target.name, Object.fromEntries(files), folder);
    return outcomes.map((outcome, index) => {
      const other = read[index];
      // Null is what the independent reader cannot tell.
      if (outcome.kind !== "accepted" || other === null || other === outcome.read) return outcome;
      return { kind: "wrong", message: `read ${outcome.read.slice(0, 300)}, independently ${other?.slice(0, 300)}` };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What independent/run.py reads of files by number; a refusal begins with "refused: ". */
async function independently(
  target: string,
  files: Readonly<Record<number, string>>,
  folder: string,
): Promise<Readonly<Record<number, string | null>>> {
  const listing = join(folder, "files.json");
  writeFileSync(listing, JSON.stringify(files));
  const script = join(projectRoot(), "test", "attack", "independent", "run.py");
  const { stdout } = await promisify(execFile)("python3", ["-B", script, target, listing], { maxBuffer: 2 ** 30 });
  return JSON.parse(stdout);
}

function report(target: FuzzTarget, seed: number, outcomes: readonly Outcome[]): FuzzReport {
  const counts = { accepted: 0, refused: 0, unclear: 0, outside: 0, crash: 0, hang: 0, memory: 0, wrong: 0 };
  for (const { kind } of outcomes) counts[kind]++;
  const faults = outcomes.flatMap((outcome, input) => ("message" in outcome ? [{ input, ...outcome }] : []));
  return { target: target.name, seed, inputs: outcomes.length, counts, faults };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: "string" },
      seed: { type: "string" },
      child: { type: "boolean" },
      save: { type: "string" },
    },
  });
  if (values.child) return serve();
  const count = wholeNumber("--count", Number(values.count ?? 1000), { least: 1 });
  const seed = wholeNumber("--seed", Number(values.seed ?? 0), { least: 0 });
  const names = fuzzTargets.map(({ name }) => name);
  for (const name of positionals) oneOf("name of a parser", name, names);
  const wanted = fuzzTargets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const reports: FuzzReport[] = [];
  const waiting = [...wanted];
  const work = async (): Promise<void> => {
    const reader: Reader = { child: null };
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const report = await fuzz(target, { count, seed }, reader);
      reports.push(report);
      show(report);
    }
    reader.child?.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  if (values.save !== undefined) addToRecord(runOf(reports, seed), values.save);
  if (reports.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

/** What is kept of a run. */
function runOf(reports: readonly FuzzReport[], seed: number): Json {
  const inOrder = fuzzTargets.flatMap(({ name }) => reports.filter(({ target }) => target === name));
  return {
    seed,
    date: new Date().toISOString(),
    environment: { ...environmentHere() },
    targets: Object.fromEntries(inOrder.map(({ target, counts }) => [target, { ...counts }])),
    faults: inOrder.flatMap(({ target, faults }) =>
      faults.map(({ input, kind, message }) => `${target} ${input}, ${kind}: ${message.slice(0, 300)}`),
    ),
  };
}

/** One line of counts, then one for each kind of fault with its number and its first input. */
function show({ target, counts, faults }: FuzzReport): void {
  const counted = Object.entries(counts).filter(([, times]) => times > 0);
  console.log(`${target}: ${counted.map(([kind, times]) => `${times} ${kind}`).join(", ")}`);
  const kinds = new Map<string, { readonly first: Fault; times: number }>();
  for (const fault of faults) {
    const words = fault.message.replace(/\S*\/\S*|".*|'.*/g, "").match(/[a-z]{2,}/gi) ?? [];
    const alike = `${fault.kind} ${words.slice(0, 6).join(" ")}`;
    const known = kinds.get(alike);
    if (known === undefined) kinds.set(alike, { first: fault, times: 1 });
    else known.times++;
  }
  const common = [...kinds.values()].sort((a, b) => b.times - a.times);
  for (const { first, times } of common.slice(0, mostKinds)) {
    console.log(`  ${times} x ${first.kind}, first input ${first.input}: ${first.message.slice(0, 300)}`);
  }
  if (common.length > mostKinds) console.log(`  and ${common.length - mostKinds} kinds more`);
}

/** Does the work that it is sent, one after the other, until its parent disconnects. */
function serve(): void {
  // Messages that are still on their way when a process ends are lost.
  const tell = (told: object): Promise<void> =>
    new Promise((done) => (process.send === undefined ? done() : process.send(told, () => done())));
  process.on("message", async (work: Work) => {
    const target = fuzzTargets.find(({ name }) => name === work.target);
    if (target === undefined) throw new Error(`no target is called ${work.target}`);
    await attack(target, work, tell);
    await tell({ done: true });
  });
}

main().catch((error: unknown) => {
  const isOfUsage = error instanceof Error && `${(error as NodeJS.ErrnoException).code}`.startsWith("ERR_PARSE_ARGS");
  console.error(error instanceof RangeError || isOfUsage ? (error as Error).message : error);
  process.exitCode = 1;
});
