import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../core/paths";
import type { Workload } from "./measurement";

/**
 * From starting the notebooks' kernel to the end of its first cell, which trains a ResNet-18 for
 * one step. A unit is a start.
 */
export async function kernelStart(): Promise<Workload> {
  const python = join(projectRoot(), ".venv", "bin", "python");
  const program = join(projectRoot(), "lib", "bench", "first_cell.py");
  return {
    peakBytes: () => null,
    round: async () => {
      const { stdout } = await promisify(execFile)(python, [program], { cwd: join(projectRoot(), "notebooks") });
      return { units: 1, seconds: Number(stdout.trim().split("\n").at(-1)) };
    },
  };
}
