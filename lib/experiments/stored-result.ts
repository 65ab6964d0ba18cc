import { readFileSync } from "node:fs";
import { join } from "node:path";
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
