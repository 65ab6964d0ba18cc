import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../core/input-error";
import { type AnyTable, anyAtPrecision, storedResult } from "../experiments/language/kinds/any-table";
import type { Plan, PlannedTable } from "./plan";

/** Where a workflow's files lie. */
interface WorkflowFolders {
  /** That of the files that stand for what is made. */
  readonly folder: string;
  readonly cache: string;
  readonly results: string;
}

/**
 * Makes the file that stands for an artifact exist if and only if the artifact does, and removes
 * those of tables but for one that this program has assembled and whose result, of as many seeds as
 * planned and by today's declaration, is there; gives how many artifacts there are. Snakemake looks
 * at these files alone, by the names that workflow/Snakefile gives them.
 */
export function markMade(
  { steps, tables, program }: Plan,
  declared: readonly AnyTable[],
  { folder, cache, results }: WorkflowFolders,
): number {
  for (const name of ["steps", "tables"]) mkdirSync(join(folder, name), { recursive: true });
  const assembled = tables.filter((planned) => hasResult(planned, declared, results));
  const kept = new Set(assembled.map(({ result }) => `${result}-${program}`));
  for (const name of readdirSync(join(folder, "tables"))) if (!kept.has(name)) rmSync(join(folder, "tables", name));
  const made = steps.filter(({ key, kind, artifact }) => {
    const mark = join(folder, "steps", `${kind.replaceAll(" ", "_")}-${key}`);
    const isMade = existsSync(join(cache, artifact));
    if (!isMade) rmSync(mark, { force: true });
    else if (!existsSync(mark)) writeFileSync(mark, "");
    return isMade;
  });
  return made.length;
}

function hasResult(
  { table, precision, scale, seeds }: PlannedTable,
  declared: readonly AnyTable[],
  results: string,
): boolean {
  const found = declared.find(({ id }) => id === table);
  if (found === undefined) return false;
  try {
    const stored = storedResult(anyAtPrecision(found, precision), scale, results);
    return stored?.current === true && stored.result.seeds.length === seeds;
  } catch (error) {
    // One that is damaged is assembled again.
    if (error instanceof InputError) return false;
    throw error;
  }
}
