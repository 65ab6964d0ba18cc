import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unexpected } from "../core/check";
import { InputError } from "../core/input-error";
import { committedFolder, unlessMissing } from "../core/paths";
import type { RunChoices } from "./run-options";

/** A result in a file, and whether the table is still declared as it was then. */
export interface StoredResult<Result> {
  readonly result: Result;
  readonly current: boolean;
}

/** How the results of a table are read, and what today's declaration is known by. */
export interface ResultSource<Result> {
  readonly id: string;
  readonly parse: (text: string, path: string) => Result;
  readonly fingerprint: (scale: string, seeds: readonly number[]) => string;
}

/** What any result has. */
interface Fingerprinted {
  readonly fingerprint: string;
  readonly seeds: readonly number[];
}

/**
 * The result of a table below `folder`, the one of the committed results or of one's own runs; null
 * if there is none. Throws InputError if the file is damaged.
 */
export function storedIn<Result extends Fingerprinted>(
  { id, parse, fingerprint }: ResultSource<Result>,
  scale: string,
  folder: string,
): StoredResult<Result> | null {
  const path = join(folder, scale, `${id}.json`);
  const text = unlessMissing(() => readFileSync(path, "utf8"));
  if (text === null) return null;
  const result = parse(text, path);
  return { result, current: result.fingerprint === fingerprint(scale, result.seeds) };
}

/** The committed result, if this run need not compute and has the same declaration and seeds. */
export function committedIn<Result extends Fingerprinted>(
  source: ResultSource<Result>,
  { scale, seeds, compute, force }: RunChoices,
): Result | null {
  const stored = compute || force ? null : storedIn(source, scale, committedFolder());
  if (stored === null || !stored.current) return null;
  return (seeds ?? stored.result.seeds.length) === stored.result.seeds.length ? stored.result : null;
}

/**
 * The committed result whose seeds a run takes over, if it is to extend it by others; else null.
 * Throws InputError if there is none of today's declaration, and RangeError if it has as many
 * seeds.
 */
export function extendedIn<Result extends Fingerprinted>(
  source: ResultSource<Result>,
  {
    scale,
    seeds,
    extend = false,
  }: { readonly scale: string; readonly seeds: readonly number[]; readonly extend?: boolean },
): Result | null {
  if (!extend) return null;
  const stored = storedIn(source, scale, committedFolder());
  const file = join(committedFolder(), scale, `${source.id}.json`);
  const remedy = "run all seeds, without --extend";
  if (stored === null) throw new InputError({ file, fault: "is missing: there is no result to extend", remedy });
  if (!stored.current) throw new InputError({ file, fault: "is of an earlier declaration of the table", remedy });
  const count = stored.result.seeds.length;
  if (seeds.length > count) return stored.result;
  throw unexpected("seeds", `more than the ${count} of the committed result, which is to be extended`, seeds.length);
}
