import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeArtifact } from "../../core/artifacts/store";
import { random } from "../../core/random";
import { outputHeader } from "../../files/matrix-output";
import { initialTransformation } from "../../nn/transformation";
import { noiseRows } from "./made-up";
import type { Workload } from "./measurement";
import { peakBytes } from "./peak-memory";

const block = 10_000;

/**
 * `fct map` on files with its start and checks, and the command's peak memory. A unit is an item.
 */
export async function mapFileWork({
  items = block,
  dimensions = 32,
  inner = 128,
}: Readonly<Record<string, number>>): Promise<Workload> {
  const folder = mkdtempSync(join(tmpdir(), "mapping-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const sizes = { old: dimensions, side: dimensions, target: dimensions, inner };
  writeArtifact(at("h.safetensors"), { arrays: initialTransformation(sizes, random("bench", "weights")), facts: {} });
  for (const name of ["old", "side"]) writeRows(at(`${name}.npy`), name, items, dimensions);
  const words = ["--weights", at("h.safetensors"), "--old", at("old.npy"), "--side", at("side.npy")];
  let peak = 0;
  return {
    peakBytes: () => peak,
    round: async () => {
      rmSync(at("new.npy"), { force: true });
      const command = join(__dirname, "..", "..", "cli", "fct.js");
      const child = spawn(process.execPath, [command, "map", ...words, "--out", at("new.npy")], { stdio: "ignore" });
      const watch = setInterval(() => {
        peak = Math.max(peak, peakBytes(child.pid) ?? 0);
      }, 50);
      const [code] = await once(child, "close");
      clearInterval(watch);
      if (code !== 0) throw new Error(`fct map ended by exit code ${code}`);
      return { units: items };
    },
  };
}

/** Writes one block of noise again and again: the values make no difference to the time. */
function writeRows(path: string, name: string, items: number, dimensions: number): void {
  const bytes = Buffer.from(noiseRows(name, block, dimensions).data.buffer);
  const file = openSync(path, "w");
  try {
    writeSync(file, outputHeader(path, { rows: items, columns: dimensions }, { inputs: [], replace: true }));
    for (let written = 0; written < items; written += block) {
      writeSync(file, bytes, 0, Math.min(block, items - written) * dimensions * 4);
    }
  } finally {
    closeSync(file);
  }
}
