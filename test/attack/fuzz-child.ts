import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../lib/core/random";
import type { FuzzTarget, Outcome, Valid } from "./fuzz-target";
import { mutate } from "./mutate";

/** The inputs from `from` to `to` - 1 of a seed, to be read in a folder. */
export interface Work {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly folder: string;
}

/** Files by name, and the one among them that was mutated. */
export interface Input {
  readonly file: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** The function that makes the input of a seed by its number. */
export async function inputsOf(target: FuzzTarget, seed: number): Promise<(index: number) => Input> {
  const valid = await target.valid();
  const beside = (await target.beside?.()) ?? {};
  return (index) => {
    const draw = random(seed, "fuzz", target.name, index);
    const { file, bytes, finish = (mutated) => mutated } = valid[draw.integer(valid.length)] as Valid;
    // Every target's first inputs are the valid ones, so that a reader that refuses all is noticed.
    const chosen = valid[index];
    if (chosen !== undefined) return { file: chosen.file, files: { ...beside, [chosen.file]: finished(chosen) } };
    return { file, files: { ...beside, [file]: finish(mutate(bytes, draw)) } };
  };
}

function finished({ bytes, finish = (mutated) => mutated }: Valid): Uint8Array {
  return finish(Buffer.from(bytes));
}

/** Writes an input into a new folder and returns the path of its mutated file. */
export function writeInput(folder: string, { file, files }: Input): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return join(folder, file);
}

type Told = { readonly index: number; readonly outcome: Outcome | null };

/** Reads every input of the work; `tell` is told of each before (null) and after, and waited for. */
export async function attack(target: FuzzTarget, work: Work, tell: (told: Told) => Promise<void>): Promise<void> {
  const inputAt = await inputsOf(target, work.seed);
  for (let index = work.from; index < work.to; index++) {
    rmSync(work.folder, { recursive: true, force: true });
    const input = inputAt(index);
    const path = writeInput(join(work.folder, "in"), input);
    const before = listed(work.folder);
    await tell({ index, outcome: null });
    const outcome = await outcomeOf(target, path, work.folder);
    const after = listed(work.folder);
    const changed = [...before, ...after].filter((name) => before.includes(name) !== after.includes(name));
    await tell({ index, outcome: changed.length === 0 ? outcome : { kind: "outside", message: changed.join(", ") } });
  }
}

/** Everything beneath the folder but what its folder "out" holds. */
function listed(folder: string): readonly string[] {
  const out = join(folder, "out");
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return paths.filter((path) => path !== out && !path.startsWith(`${out}/`));
}

async function outcomeOf(target: FuzzTarget, path: string, folder: string): Promise<Outcome> {
  try {
    return { kind: "accepted", read: await target.read(path, join(folder, "out")) };
  } catch (error) {
    if (isClear(error, folder)) return { kind: "refused" };
    return { kind: "unclear", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** The library's own error, in one line that names a file of the input. */
function isClear(error: unknown, folder: string): boolean {
  if (!(error instanceof Error) || !["InputError", "CorruptedFile"].includes(error.name)) return false;
  return error.message.includes(folder) && !error.message.includes("\n");
}
