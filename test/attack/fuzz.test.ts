import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../temporary-folder";
import type { FuzzReport } from "./fuzz";

const attack = join(import.meta.dirname, "run.mjs");

/** Reports of every parser on mutated files. */
function fuzzed(...options: readonly string[]): readonly FuzzReport[] {
  const path = join(temporaryFolder(), "reports.json");
  try {
    execFileSync(process.execPath, [attack, "fuzz", ...options, "--save", path], { stdio: "pipe" });
  } catch (error) {
    // Faults give the exit code 1 and are in the reports.
    if ((error as { readonly status?: number }).status !== 1) throw error;
  }
  return JSON.parse(readFileSync(path, "utf8")) as readonly FuzzReport[];
}

/**
 * Python's tarfile refuses some damaged extension headers, and damaged xz data, that are read here. What is unpacked
 * has been held against its SHA-256 before, so that no such archive is reached.
 */
function isKnown(target: string, kind: string, message: string): boolean {
  return (
    target === "tar" && kind === "wrong" && /independently refused: (ReadError: invalid header|LZMAError)/.test(message)
  );
}

it("every parser reads what an independent reader reads, or refuses it in a line that names the file", () => {
  const reports = fuzzed("--count", "200", "--seed", "1");
  expect(reports.length).toBeGreaterThanOrEqual(19);
  for (const { counts } of reports) expect(counts.accepted).toBeGreaterThan(0);
  const faults = reports.flatMap(({ target, faults }) =>
    faults
      .filter(({ kind, message }) => !isKnown(target, kind, message))
      .map(({ input, kind, message }) => `${target} ${input}, ${kind}: ${message.slice(0, 300)}`),
  );
  expect(faults.slice(0, 20)).toEqual([]);
});
