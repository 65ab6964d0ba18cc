import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../lib/core/random";
import type { FuzzTarget, Outcome } from "./fuzz-target";
import { mutate } from "./mutate";

/** The inputs from `from` to `to` of a seed, each read and told to the parent. */
export interface Work {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly folder: string;
}

/** Input `index` of a seed: a mutated valid one. */
export function inputAt(
  valid: readonly Uint8Array[],
  { target, seed }: Pick<Work, "target" | "seed">,
  index: number,
): Buffer {
  const draw = random(seed, "fuzz", target, index);
  return mutate(valid[draw.integer(valid.length)] as Uint8Array, draw);
}

/** Reads every input of the work; `tell` hears of each before and after. */
export async function attack(
  target: FuzzTarget,
  work: Work,
  tell: (said: { readonly index: number; readonly outcome: Outcome | null }) => void,
): Promise<void> {
  const valid = await target.valid();
  const inside = join(work.folder, "inside");
  for (let index = work.from; index < work.to; index++) {
    rmSync(inside, { recursive: true, force: true });
    mkdirSync(inside, { recursive: true });
    const path = join(work.folder, `input${target.extension}`);
    writeFileSync(path, inputAt(valid, work, index));
    tell({ index, outcome: null });
    const outcome = await outcomeOf(target, path, inside);
    const stray = readdirSync(work.folder).filter((name) => !["inside", `input${target.extension}`].includes(name));
    for (const name of stray) rmSync(join(work.folder, name), { recursive: true, force: true });
    tell({ index, outcome: stray.length === 0 ? outcome : { kind: "outside", message: stray.join(", ") } });
    if (!existsSync(path)) throw new Error(`the target removed ${path}`);
  }
}

async function outcomeOf(target: FuzzTarget, path: string, inside: string): Promise<Outcome> {
  try {
    return { kind: "accepted", read: await target.read(path, inside) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const clear = isClear(error, path);
    return { kind: clear ? "refused" : "unclear", message: clear ? message : `${(error as Error)?.name}: ${message}` };
  }
}

/** The library's own error, of one line or a few, that names the file. */
function isClear(error: unknown, path: string): boolean {
  return error instanceof Error && error.name === "InputError" && error.message.includes(path);
}
