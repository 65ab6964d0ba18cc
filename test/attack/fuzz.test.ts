import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../temporary-folder";

const attack = join(import.meta.dirname, "run.mjs");

interface FuzzRecord {
  readonly targets: Readonly<Record<string, { readonly accepted: number }>>;
  readonly faults: readonly string[];
}

/** What every parser made of mutated files. */
function fuzzed(...options: readonly string[]): FuzzRecord {
  const path = join(temporaryFolder(), "record.json");
  try {
    execFileSync(process.execPath, [attack, "fuzz", ...options, "--save", path], { stdio: "pipe" });
  } catch (error) {
    // Faults give the exit code 1 and are in the record.
    if ((error as { readonly status?: number }).status !== 1) throw error;
  }
  const { runs } = JSON.parse(readFileSync(path, "utf8")) as { readonly runs: readonly [FuzzRecord] };
  return runs[0];
}

it("every parser reads what an independent reader reads, or refuses it in a line that names the file", () => {
  const { targets, faults } = fuzzed("--count", "100", "--seed", "1");
  expect(Object.keys(targets).length).toBeGreaterThanOrEqual(23);
  for (const { accepted } of Object.values(targets)) expect(accepted).toBeGreaterThan(0);
  expect(faults.slice(0, 20)).toEqual([]);
}, 600_000);
