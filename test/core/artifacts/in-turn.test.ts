import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { inTurn } from "../../../lib/core/artifacts/in-turn";
import { ownName } from "../../../lib/core/exclusive";
import { projectRoot } from "../../../lib/core/paths";
import { temporaryFolder } from "../../temporary-folder";

const [machine] = ownName().split(" ");
let lock: string;
let waits: string[];
beforeEach(() => {
  lock = join(temporaryFolder(), "cache", "a.lock");
  waits = [];
});

const pace = { touch: 20, look: 10, silence: 300 };
const signal = new AbortController().signal;
const turn = <T>(work: () => Promise<T>, stop: AbortSignal = signal): Promise<T> =>
  inTurn(lock, { signal: stop, waiting: (holder) => void waits.push(holder), pace }, work);

describe("work in turn", () => {
  test("is never done by two at a time, and all of it is done", async () => {
    let inside = 0;
    const work = async (index: number): Promise<number> => {
      inside += 1;
      expect(inside).toBe(1);
      await setTimeout(20);
      inside -= 1;
      return index;
    };
    expect(await Promise.all([0, 1, 2].map((index) => turn(() => work(index))))).toEqual([0, 1, 2]);
    expect(waits).toEqual(Array(2).fill(`process ${process.pid} on ${machine}`));
    expect(readdirSync(dirname(lock))).toEqual([]);
  });

  test("gives the lock back where it fails, and does not mind that the folder is deleted", async () => {
    await expect(turn(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    await turn(async () => rmSync(dirname(lock), { recursive: true }));
    expect(await turn(async () => "done")).toBe("done");
  });

  test("goes on at once after a process of this machine that was killed", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await turn(async () => {});
    writeFileSync(lock, `${machine} ${pid}`);
    expect(await turn(async () => "done")).toBe("done");
    expect(waits).toEqual([]);
  });

  test("goes on after another machine's process only when that has been silent, whatever its clock says", async () => {
    await turn(async () => {});
    writeFileSync(lock, "node1 12 345");
    let touches = 0;
    const touched = setInterval(() => {
      touches += 1;
      // A clock that is a year ahead, and slow.
      if (touches < 25) utimesSync(lock, 0, Date.now() / 1000 + 3e7 + touches);
    }, 20);
    const started = performance.now();
    try {
      expect(await turn(async () => "done")).toBe("done");
    } finally {
      clearInterval(touched);
    }
    expect(touches).toBeGreaterThanOrEqual(25);
    expect(performance.now() - started).toBeGreaterThan(pace.silence);
    expect(waits).toEqual(["process 12 on node1"]);
  });

  test("ends while it waits if it is interrupted, and leaves the other's lock", async () => {
    await turn(async () => {});
    writeFileSync(lock, "node1 12 345");
    const stop = new AbortController();
    const waiting = turn(async () => "done", stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    expect(existsSync(lock)).toBe(true);
  });

  test("is seen by another process to be alive for as long as it takes", async () => {
    const program = `
      const { inTurn } = require(${JSON.stringify(join(projectRoot(), "lib/dist/core/artifacts/in-turn.js"))});
      const { signal } = new AbortController();
      const waiting = (holder) => console.log(holder);
      inTurn(${JSON.stringify(lock)}, { signal, waiting, pace: ${JSON.stringify(pace)} }, async () => console.log("mine"));`;
    const printed = await turn(async () => {
      const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
      const lines: string[] = [];
      child.stdout.on("data", (text) => lines.push(String(text).trim()));
      while (lines.length === 0) await setTimeout(5);
      await setTimeout(3 * pace.silence);
      expect(lines).toEqual([`process ${process.pid} on ${machine}`]);
      return { lines, ended: new Promise((done) => child.once("close", done)) };
    });
    await printed.ended;
    expect(printed.lines).toEqual([`process ${process.pid} on ${machine}`, "mine"]);
  });
});
