import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../../../lib/core/paths";
import { exclusive } from "../../../lib/data/fetching/exclusive";
import { temporaryFolder } from "../../temporary-folder";

let lock: string;
beforeEach(() => {
  lock = join(temporaryFolder(), "deep", "a.lock");
});

describe("exclusive", () => {
  it("works alone, gives back what the work gives, and the lock after it, also where the work throws", async () => {
    const inside = await exclusive(lock, async () => {
      await expect(exclusive(lock, async () => "second")).rejects.toThrow(
        `process ${process.pid} on ${hostname()} is at work here: wait for it, or delete ${lock}`,
      );
      return existsSync(lock);
    });
    expect(inside).toBe(true);
    await expect(exclusive(lock, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(readdirSync(join(lock, ".."))).toEqual([]);
  });

  it("that another process takes and releases all the time either works or names that process", async () => {
    const module = join(projectRoot(), "lib/dist/data/fetching/exclusive.js");
    const code = `const { exclusive } = require(${JSON.stringify(module)});
      (async () => { for (;;) await exclusive(${JSON.stringify(lock)}, async () => {}).catch(() => {}); })();`;
    const child = spawn(process.execPath, ["-e", code], { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    while (!existsSync(join(lock, ".."))) await setTimeout(10);
    for (let i = 0; i < 3000; i++) {
      await exclusive(lock, async () => {}).catch((error: Error) =>
        expect(error.message).toMatch(/ is at work here: /),
      );
    }
  });

  it("takes over the lock of a process that has ended, none of another machine", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await exclusive(lock, async () => {});
    writeFileSync(lock, `${hostname()} ${pid}`);
    expect(await exclusive(lock, async () => "done")).toBe("done");
    writeFileSync(lock, `another-machine ${pid}`);
    await expect(exclusive(lock, async () => {})).rejects.toThrow(`process ${pid} on another-machine`);
    expect(existsSync(lock)).toBe(true);
  });
});
