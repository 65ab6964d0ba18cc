import { existsSync, readFileSync } from "node:fs";
import { writeAtomically } from "../../lib/core/artifacts/store";
import { type Json, jsonText } from "../../lib/core/hash";

/** Adds a run to those that the record already holds, if there is one. */
export function addToRecord(run: Json, path: string): void {
  const earlier: { readonly runs: readonly Json[] } = existsSync(path)
    ? JSON.parse(readFileSync(path, "utf8"))
    : { runs: [] };
  writeAtomically(path, `${jsonText({ runs: [...earlier.runs, run] })}\n`);
}
