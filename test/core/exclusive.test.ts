import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { exclusive, ownName } from "../../lib/core/exclusive";
import { projectRoot } from "../../lib/core/paths";
import { temporaryFolder } from "../temporary-folder";

const [machine] = ownName().split(" ");
let lock: string;
beforeEach(() => {
  lock = join(temporaryFolder(), "deep", "a.lock");
});

describe("exclusive", () => {
  it("works alone, gives back what the work gives, and the lock after it, also where the work throws", async () => {
    const inside = await exclusive(lock, async () => {
      await expect(exclusive(lock, async () => "second")).rejects.toThrow(
        `${lock}: process ${process.pid} on ${machine} is at work here; wait for it, or delete`,
      );
      return existsSync(lock);
    });
    expect(inside).toBe(true);
    await expect(exclusive(lock, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(readdirSync(join(lock, ".."))).toEqual([]);
  });

  it("takes over the lock of a process that has ended, none of another machine", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await exclusive(lock, async () => {});
    writeFileSync(lock, `${machine} ${pid}`);
    expect(await exclusive(lock, async () => "done")).toBe("done");
    writeFileSync(lock, `another-machine ${pid}`);
    await expect(exclusive(lock, async () => {})).rejects.toThrow(`process ${pid} on another-machine`);
    expect(existsSync(lock)).toBe(true);
  });

  const apart = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];
  const hasContainers = spawnSync("unshare", [...apart, "true"]).status === 0;

  it.skipIf(!hasContainers)("takes over none of a container, whose processes it cannot see", async () => {
    const module = join(projectRoot(), "lib", "dist", "core", "exclusive.js");
    const program = `require(${JSON.stringify(module)}).exclusive(${JSON.stringify(lock)}, async () => {
      console.log("mine");
      await new Promise((done) => process.stdin.once("end", done).resume());
    });`;
    const child = spawn("unshare", [...apart, process.execPath, "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((done) => child.once("close", done));
    await new Promise((told) => child.stdout.once("data", told));
    await expect(exclusive(lock, async () => {})).rejects.toThrow(/process 1 on .*\+\d+ is at work here/);
    child.stdin.end();
    expect(await ended).toBe(0);
    expect(await exclusive(lock, async () => "done")).toBe("done");
  });

  it("takes over the lock of an ended process whose number another has now, and of one that nobody has waited for", async () => {
    mkdirSync(dirname(lock));
    writeFileSync(lock, `${machine} ${process.pid} 1`);
    expect(await exclusive(lock, async () => "done")).toBe("done");
    const forking = "import os, time; child = os.fork() or os._exit(0); print(child, flush=True); time.sleep(60)";
    const parent = spawn("python3", ["-c", forking], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const zombie = await new Promise<number>((told) => parent.stdout.once("data", (text) => told(Number(text))));
      await waitFor(() => (/ Z /.test(readFileSync(`/proc/${zombie}/stat`, "utf8")) ? true : null));
      writeFileSync(lock, `${machine} ${zombie}`);
      expect(await exclusive(lock, async () => "done")).toBe("done");
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("removes what a process left that was killed while it took the lock, and nothing of one that runs", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const [dead, alive] = [`a.lock.${machine}.${pid}`, `a.lock.${machine}.${process.ppid}`];
    mkdirSync(dirname(lock));
    const names = [dead, alive, `a.lock.ended.${pid}`, `a.lock.another-machine.${pid}`, `a.locked.${pid}`];
    for (const name of names) writeFileSync(join(dirname(lock), name), "");
    await exclusive(lock, async () => {});
    expect(readdirSync(dirname(lock)).sort()).toEqual(
      [alive, `a.lock.another-machine.${pid}`, `a.locked.${pid}`].sort(),
    );
  });

  it("refuses a place where no lock can be made, naming it, and a lock that says nothing", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    await expect(exclusive(file, async () => {})).rejects.toThrow(`${file}: another process is at work here`);
    await expect(exclusive("/proc/a.lock", async () => {})).rejects.toThrow(
      /^\/proc\/a\.lock: this lock cannot be made: /,
    );
  });

  it("is held by one of several processes at a time, whichever are killed, and never fails otherwise", async () => {
    mkdirSync(dirname(lock));
    const ends = await Promise.all([1, 2, 3].map((seed) => contended(seed)));
    expect(ends.map(({ printed }) => printed)).toEqual(["", "", ""]);
    for (const { held } of ends) expect(held).toBeGreaterThanOrEqual(enough);
  });
});

const enough = 30;

/** Takes the lock until it was held often enough, in processes that are killed while they hold it. */
async function contended(seed: number): Promise<{ readonly held: number; readonly printed: string }> {
  const count = `${lock}.${seed}.count`;
  const program = `
    const { exclusive } = require(${JSON.stringify(join(projectRoot(), "lib", "dist", "core", "exclusive.js"))});
    const fs = require("node:fs");
    (async () => {
      for (let turn = 0; ; turn++) {
        await exclusive(${JSON.stringify(lock)}, async () => {
          const inside = fs.openSync(${JSON.stringify(`${lock}.inside`)}, "w");
          fs.writeSync(inside, String(process.pid));
          fs.appendFileSync(${JSON.stringify(count)}, ".");
          if (turn % 20 === 19) process.kill(process.pid, "SIGKILL");
          const found = fs.readFileSync(${JSON.stringify(`${lock}.inside`)}, "utf8");
          if (found !== String(process.pid)) console.error("two hold the lock:", found, process.pid);
          fs.closeSync(inside);
        }).catch((error) => {
          if (!/is at work here/.test(error.message)) console.error(error);
        });
      }
    })();`;
  let printed = "";
  const held = (): number => (existsSync(count) ? readFileSync(count, "utf8").length : 0);
  for (const end = Date.now() + 60_000; held() < enough && Date.now() < end; ) {
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (text) => (printed += text));
    const late = setTimeout(() => child.kill("SIGKILL"), 1000);
    await new Promise((done) => child.once("close", done));
    clearTimeout(late);
  }
  return { held: held(), printed };
}

async function waitFor<T>(look: () => T | null): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== null) return found;
    await new Promise((done) => setTimeout(done, 5));
  }
}
