import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { writeAtomically } from "../../core/artifacts/store";
import { committedFolder } from "../../core/paths";
import { parseAnyResult } from "../../experiments/language/kinds/any-result-file";
import type { AnyResult } from "../../experiments/language/language-result";
import { withProseNumbers } from "../../report/prose-numbers";
import { tables } from "../../tables/tables";
import { type ClaimVerdicts, claimVerdicts } from "./claim-data";

/**
 * The text of a notebook's file with the numbers and verdicts in its prose brought up to date from
 * the results below `results`; every other byte stays. Throws an error that names the notebook and
 * the number.
 */
export function notebookWithNumbers(
  file: string,
  text: string,
  results: string,
  verdicts: ClaimVerdicts = claimVerdicts(results),
): string {
  const name = basename(file, ".ipynb");
  const own = tables.find(({ notebook, scales }) => notebook === name && "quick" in scales);
  try {
    return withProseNumbers(text, (named) => resultNamed(named ?? `quick/${own?.id}`, results), verdicts.text);
  } catch (error) {
    throw new Error(`${basename(file)}: ${(error as Error).message}`);
  }
}

/** Brings the numbers in the prose of a notebook up to date. */
export function renewNumbers(file: string): void {
  const before = readFileSync(file, "utf8");
  const after = notebookWithNumbers(file, before, committedFolder());
  if (after !== before) writeAtomically(file, after);
}

/** A committed result by "scale/table". */
export function resultNamed(name: string, results: string): AnyResult {
  const path = join(results, `${name}.json`);
  const [scale = "", table = ""] = name.split("/");
  const remedy = `npm run reproduce -- --table ${table} --scale ${scale}, then npm run fct -- accept ${table}`;
  if (!existsSync(path)) throw new Error(`${path} is missing: ${remedy}`);
  return parseAnyResult(readFileSync(path, "utf8"), path);
}
