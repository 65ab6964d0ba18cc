import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { wholeNumber } from "../../lib/core/check";
import { projectRoot } from "../../lib/core/paths";
import { attack, inputAt, type Work } from "./fuzz-child";
import type { FuzzTarget, Outcome } from "./fuzz-target";
import { fuzzTargets } from "./targets";

const hangSeconds = 20;
const mostBytes = 2 ** 30;

/** How often each outcome came, and the inputs that are faults, by number. */
export interface FuzzReport {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly counts: Readonly<Record<Outcome["kind"], number>>;
  readonly faults: readonly { readonly input: number; readonly outcome: Outcome }[];
}

/** Reads `count` mutated inputs of a target in child processes with a limit of time and memory. */
export async function fuzz(target: FuzzTarget, { count, seed }: { count: number; seed: number }): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), `fct-fuzz-${target.name}-`));
  try {
    const outcomes: Outcome[] = [];
    while (outcomes.length < count) {
      const work: Work = { target: target.name, seed, from: outcomes.length, to: count, folder };
      await oneProcess(work, (outcome) => outcomes.push(outcome));
    }
    return report(target, seed, await againstIndependent(target, seed, outcomes));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a child until its work is done or it dies of an input; `heard` gets one outcome an input. */
function oneProcess(work: Work, heard: (outcome: Outcome) => void): Promise<void> {
  mkdirSync(work.folder, { recursive: true });
  const child = fork(process.argv[1] as string, ["--child", JSON.stringify(work)], {
    execArgv: ["--max-old-space-size=900"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return new Promise((resolve) => {
    let reading = false;
    let since = Date.now();
    let killed: Outcome | null = null;
    child.on("message", ({ outcome }: { readonly outcome: Outcome | null }) => {
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
      clearInterval(watch);
      if (reading || killed !== null) heard(killed ?? { kind: "crash", message: `${signal ?? `status ${status}`}` });
      else if (status !== 0) heard({ kind: "crash", message: `between inputs: ${signal ?? `status ${status}`}` });
      resolve();
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

/** Accepted inputs are read again by test/attack/independent.py; what it reads otherwise, or refuses, is a fault. */
async function againstIndependent(
  target: FuzzTarget,
  seed: number,
  outcomes: readonly Outcome[],
): Promise<readonly Outcome[]> {
  const valid = await target.valid();
  const folder = mkdtempSync(join(tmpdir(), "fct-fuzz-accepted-"));
  try {
    const accepted = outcomes.flatMap((outcome, index) => (outcome.kind === "accepted" ? [{ index, outcome }] : []));
    for (const { index } of accepted) {
      const input = inputAt(valid, { target: target.name, seed }, index);
      writeFileSync(join(folder, `${index}${target.extension}`), input);
    }
    const python = join(projectRoot(), ".venv", "bin", "python");
    const script = join(projectRoot(), "test", "attack", "independent.py");
    const { stdout, status, stderr } = spawnSync(python, [script, target.name, folder], {
      encoding: "utf8",
      maxBuffer: 2 ** 30,
    });
    if (status !== 0) throw new Error(`the independent reader failed: ${stderr}`);
    const read = JSON.parse(stdout) as Readonly<Record<string, string>> | null;
    if (read === null) return outcomes;
    return outcomes.map((outcome, index) => {
      if (outcome.kind !== "accepted" || read[`${index}`] === outcome.read) return outcome;
      return { kind: "wrong", message: `read ${outcome.read}, independently ${read[`${index}`]}` };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(target: FuzzTarget, seed: number, outcomes: readonly Outcome[]): FuzzReport {
  const counts = { accepted: 0, refused: 0, unclear: 0, outside: 0, crash: 0, hang: 0, memory: 0, wrong: 0 };
  for (const { kind } of outcomes) counts[kind]++;
  const faults = outcomes.flatMap((outcome, input) =>
    outcome.kind === "accepted" || outcome.kind === "refused" ? [] : [{ input, outcome }],
  );
  return { target: target.name, seed, inputs: outcomes.length, counts, faults };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: "string" },
      seed: { type: "string" },
      child: { type: "string" },
      save: { type: "string" },
    },
  });
  if (values.child !== undefined) return serve(JSON.parse(values.child));
  const count = wholeNumber("--count", Number(values.count ?? 1000), { least: 1 });
  const seed = wholeNumber("--seed", Number(values.seed ?? 0), { least: 0 });
  const unknown = positionals.find((name) => !fuzzTargets.some((target) => target.name === name));
  if (unknown !== undefined) {
    throw new Error(`no parser is called ${unknown}: ${fuzzTargets.map(({ name }) => name).join(", ")}`);
  }
  const wanted = fuzzTargets.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const reports: FuzzReport[] = [];
  for (const target of wanted) {
    const told = await fuzz(target, { count, seed });
    reports.push(told);
    console.log(
      `${target.name}: ${Object.entries(told.counts)
        .map(([kind, times]) => `${times} ${kind}`)
        .join(", ")}`,
    );
    for (const { input, outcome } of told.faults.slice(0, 20)) {
      console.log(`  input ${input}: ${outcome.kind}: ${"message" in outcome ? outcome.message.slice(0, 300) : ""}`);
    }
    if (told.faults.length > 0) process.exitCode = 1;
  }
  if (values.save !== undefined) writeFileSync(values.save, `${JSON.stringify(reports, null, 2)}\n`);
}

async function serve(work: Work): Promise<void> {
  const target = fuzzTargets.find(({ name }) => name === work.target);
  if (target === undefined) throw new Error(`no target ${work.target}`);
  await attack(target, work, (said) => process.send?.(said));
  process.disconnect?.();
}

void main();
