import { readdirSync } from "node:fs";
import { type ProcessStatus, statusOf } from "../../core/exclusive";

/** Seconds of processor time that a process and those it started, as far as they run, have used. */
export function processorSeconds(pid: number): number {
  const running = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => shownStatus(Number(name))),
  );
  const belongs = (each: number): boolean => each === pid || (each > 0 && belongs(running.get(each)?.parent ?? 0));
  return [...running].reduce((sum, [each, { seconds }]) => sum + (belongs(each) ? seconds : 0), 0);
}

/** By its number, as a list: empty for another user's process where Linux hides it. */
function shownStatus(pid: number): readonly (readonly [number, ProcessStatus])[] {
  try {
    return [[pid, statusOf(pid)]];
  } catch {
    return [];
  }
}
