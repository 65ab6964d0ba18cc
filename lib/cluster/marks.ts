import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "./plan";

/** Where a workflow's files lie. */
interface WorkflowFolders {
  /** That of the files that stand for what is made. */
  readonly folder: string;
  readonly cache: string;
  readonly results: string;
}

/**
 * Makes the file that stands for an artifact exist if and only if the artifact does, and removes
 * that of a table whose result is missing; gives how many artifacts there are. Snakemake looks at
 * these files alone, by the names that workflow/Snakefile gives them.
 */
export function markMade({ steps, tables, program }: Plan, { folder, cache, results }: WorkflowFolders): number {
  for (const name of ["steps", "tables"]) mkdirSync(join(folder, name), { recursive: true });
  for (const { result, scale } of tables) {
    const isMade = existsSync(join(results, scale, `${result}.json`));
    if (!isMade) rmSync(join(folder, "tables", `${result}-${program}`), { force: true });
  }
  const made = steps.filter(({ key, kind, artifact }) => {
    const mark = join(folder, "steps", `${kind.replaceAll(" ", "_")}-${key}`);
    const isMade = existsSync(join(cache, artifact));
    if (!isMade) rmSync(mark, { force: true });
    else if (!existsSync(mark)) writeFileSync(mark, "");
    return isMade;
  });
  return made.length;
}
