import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks of Linux's /proc in a second. */
const ticks = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly seconds: number;
}

/** Seconds of processor time that a process and those it started, as far as they run, have used. */
export function processorSeconds(pid: number): number {
  const found = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => timesOf(name)),
  );
  const belongs = (each: number): boolean => each === pid || (each > 0 && belongs(found.get(each)?.parent ?? 0));
  return [...found].reduce((sum, [each, { seconds }]) => sum + (belongs(each) ? seconds : 0), 0);
}

/** By its number, as a list: empty for a process that has just ended. */
function timesOf(name: string): readonly (readonly [number, ProcessTimes])[] {
  try {
    // The command, which may hold anything, stands in brackets; then come state and parent, and
    // later the ticks of the program and of the system for it.
    const [, rest = ""] = /\) ([^)]*)$/.exec(readFileSync(`/proc/${name}/stat`, "latin1")) ?? [];
    const fields = rest.split(" ").map(Number);
    const [, parent = 0] = fields;
    return [[Number(name), { parent, seconds: ((fields[11] ?? 0) + (fields[12] ?? 0)) / ticks }]];
  } catch {
    return [];
  }
}
