import { readFileSync } from "node:fs";

/** The most memory that a process has held, bytes; null if the system does not tell. */
export function peakBytes(process: number | "self" = "self"): number | null {
  try {
    const status = readFileSync(`/proc/${process}/status`, "utf8");
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}
