import { spawn } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  artifactPath,
  type CacheOptions,
  obtain,
  obtainRecord,
  pendingOf,
  recordIfAny,
} from "../../../lib/core/artifacts/obtain";
import { readMakingRecord } from "../../../lib/core/artifacts/record";
import { graphOf, type Request, request, type Step } from "../../../lib/core/artifacts/step";
import { projectRoot } from "../../../lib/core/paths";
import { temporaryFolder } from "../../temporary-folder";
import { artifactOf, labels, numberIn, type Sum, sumStep } from "./sum-step";

const environment = {
  node: "20",
  tensorflow: "2",
  platform: "x",
  device: "CPU",
  cores: 2,
  memoryGiB: 4,
  commit: null,
};

/** A cache in a new folder, with what it reports. */
function cache(folder = temporaryFolder()): CacheOptions & { readonly warnings: string[]; readonly events: string[] } {
  const warnings: string[] = [];
  const events: string[] = [];
  return {
    folder,
    environment,
    progress: { report: () => {} },
    signal: new AbortController().signal,
    warn: (message) => void warnings.push(message),
    started: ({ label }) => void events.push(`started ${label}`),
    finished: ({ label }) => void events.push(`finished ${label}`),
    warnings,
    events,
  };
}

describe("pending work", () => {
  const wanted = request(sumStep(), [[1, 2], [[1, 2], 3], 1]);

  test("is without what the cache holds and without what only that needed", async () => {
    const options = cache();
    expect(pendingOf([wanted], options.folder)).toEqual(graphOf([wanted]));
    await obtain(request(sumStep(), [[1, 2], 3]), options);
    expect(labels(pendingOf([wanted], options.folder))).toEqual(["sum of [[1,2],[[1,2],3],1]"]);
    await obtain(wanted, options);
    expect(pendingOf([wanted], options.folder)).toEqual([]);
  });
});

describe("cached work", () => {
  test("is done once: equal values share it within a call, between calls and between processes' lives", async () => {
    const runs: Sum[] = [];
    const step = sumStep({ ran: (value) => void runs.push(value) });
    const options = cache();
    expect(numberIn(await obtain(request(step, [[1, 2], [1, 2], 1]), options))).toBe(7);
    expect(runs).toEqual([1, 2, [1, 2], [[1, 2], [1, 2], 1]]);
    expect(numberIn(await obtain(request(step, [[1, 2], 3]), cache(options.folder)))).toBe(6);
    expect(runs.slice(4)).toEqual([3, [[1, 2], 3]]);
    expect(options.warnings).toEqual([]);
    expect(options.events.slice(-2)).toEqual(["started sum of [[1,2],[1,2],1]", "finished sum of [[1,2],[1,2],1]"]);
  });

  test("is not asked for its inputs when it is held itself", async () => {
    const options = cache();
    const wanted = request(sumStep(), [1, 2]);
    await obtain(wanted, options);
    const again = cache(options.folder);
    expect(await obtain(wanted, again)).toEqual(artifactOf(3));
    expect(again.events).toEqual([]);
  });

  test("has a record of its making beside it, not in it", async () => {
    const [one, other] = [cache(), cache()];
    const wanted = request(sumStep(), 4);
    expect(readMakingRecord(artifactPath(one.folder, wanted))).toBeNull();
    for (const options of [one, other]) await obtain(wanted, options);
    expect(readFileSync(artifactPath(one.folder, wanted))).toEqual(readFileSync(artifactPath(other.folder, wanted)));
    const record = readMakingRecord(artifactPath(one.folder, wanted));
    expect(record).toMatchObject({ label: "sum of 4", environment, inputs: [] });
    expect(Math.abs(Date.parse(record?.date ?? "") - Date.now())).toBeLessThan(60_000);
    expect(record?.seconds).toBeGreaterThanOrEqual(0);
  });

  test("has in that record what it read, and not in its bytes", async () => {
    const [one, other] = [cache(), cache()];
    const reading = sumStep({ ran: (_, { record }) => record("numbers", { from: "a file", count: 2 }) });
    const wanted = request(reading, 4);
    await obtain(wanted, one);
    await obtain(request(sumStep(), 4), other);
    expect(readFileSync(artifactPath(one.folder, wanted))).toEqual(readFileSync(artifactPath(other.folder, wanted)));
    expect(readMakingRecord(artifactPath(one.folder, wanted))?.read).toEqual({ numbers: { from: "a file", count: 2 } });
    expect(readMakingRecord(artifactPath(other.folder, wanted))).not.toHaveProperty("read");
  });

  test("that is damaged is reported by path and made again, to the same bytes", async () => {
    const options = cache();
    const wanted = request(sumStep(), [1, 2]);
    await obtain(wanted, options);
    const path = artifactPath(options.folder, wanted);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, 20));
    expect(await obtain(wanted, options)).toEqual(artifactOf(3));
    expect(options.warnings).toEqual([
      expect.stringMatching(/sum-[0-9a-f]{32}\.safetensors: it is damaged: .*made again$/),
    ]);
    expect(readFileSync(path)).toEqual(whole);
    const other = Buffer.from(whole);
    other[whole.length - 1] = 1 + (whole.at(-1) ?? 0);
    writeFileSync(path, other);
    expect(numberIn(await obtain(wanted, options))).toBe(3);
    expect(options.warnings).toHaveLength(2);
  });

  test("that fails leaves no artifact, and the inputs it had", async () => {
    const options = cache();
    const step = sumStep({
      ran: (value) => {
        if (typeof value !== "number") throw new Error("broken");
      },
    });
    await expect(obtain(request(step, [1, 2]), options)).rejects.toThrow("broken");
    expect(labels(pendingOf([request(step, [1, 2])], options.folder))).toEqual(["sum of [1,2]"]);
  });

  test("does not begin once the signal has aborted", async () => {
    const options = { ...cache(), signal: AbortSignal.abort(new Error("stopped")) };
    await expect(obtain(request(sumStep(), 1), options)).rejects.toThrow("stopped");
    expect(options.events).toEqual([]);
  });
});

describe("the record of a making", () => {
  /** Ways to damage the text of a record, all of which must be noticed. */
  const damages: readonly (readonly [string, (text: string) => string])[] = [
    ["cut short", (text) => text.slice(0, 60)],
    ["emptied", () => ""],
    ["another number of seconds", (text) => text.replace(/"seconds": /, '"seconds": 1')],
    ["another commit", (text) => text.replace('"commit": null', '"commit": "abc"')],
    ["a list", () => "[1]"],
    ["nested too deeply", () => `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["without a member, unsealed", () => JSON.stringify({ label: "sum", date: "2026-01-01T00:00:00.000Z" })],
    ["a negative time, unsealed", () => JSON.stringify({ ...earlier, seconds: -1 })],
    ["no date, unsealed", () => JSON.stringify({ ...earlier, date: "yesterday" })],
  ];
  const earlier = { label: "sum of 3", date: "2026-01-01T00:00:00.000Z", seconds: 2.5, environment };
  const recordOf = (folder: string, wanted: Request): string =>
    artifactPath(folder, wanted).replace("safetensors", "json");

  test.each(damages)("that is damaged is named, and its work done again: %s", async (_, damage) => {
    const wanted = request(sumStep(), [1, 2]);
    for (const ask of [obtain, obtainRecord, recordIfAny]) {
      const options = cache();
      await obtain(wanted, options);
      const record = recordOf(options.folder, wanted);
      writeFileSync(record, damage(readFileSync(record, "utf8")));
      await ask(wanted, options);
      expect(options.warnings).toEqual([expect.stringMatching(/sum-[0-9a-f]{32}\.json: it is damaged: .*made again$/)]);
      expect(options.events.slice(6)).toEqual(["started sum of [1,2]", "finished sum of [1,2]"]);
      expect(await obtainRecord(wanted, options)).toMatchObject({ label: "sum of [1,2]" });
      expect(options.warnings).toHaveLength(1);
    }
  });

  test("of which any byte has changed is noticed, or says the same", async () => {
    const options = cache();
    const wanted = request(sumStep(), 5);
    await obtain(wanted, options);
    const record = recordOf(options.folder, wanted);
    const whole = readFileSync(record);
    const said = JSON.stringify(readMakingRecord(artifactPath(options.folder, wanted)));
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (whole[at] ?? 0) ^ 1;
      writeFileSync(record, changed);
      let read = said;
      try {
        read = JSON.stringify(readMakingRecord(artifactPath(options.folder, wanted)));
      } catch (error) {
        expect((error as Error).message).toContain(`${record}: it is damaged: `);
      }
      expect(read).toBe(said);
    }
  });

  test("that is missing is named, and its work done again", async () => {
    const options = cache();
    const wanted = request(sumStep(), [1, 2]);
    await obtain(wanted, options);
    rmSync(recordOf(options.folder, wanted));
    expect(await obtain(wanted, options)).toEqual(artifactOf(3));
    expect(options.warnings).toEqual([expect.stringMatching(/sum-[0-9a-f]{32}\.json: it is missing; .*made again$/)]);
    expect(existsSync(recordOf(options.folder, wanted))).toBe(true);
  });

  test("is made with its work if both are gone and it is required, and else left out", async () => {
    const options = cache();
    const wanted = request(sumStep(), [1, 2]);
    expect(await recordIfAny(wanted, options)).toBeNull();
    expect(options.events).toEqual([]);
    expect(await obtainRecord(wanted, options)).toMatchObject({ label: "sum of [1,2]" });
    rmSync(artifactPath(options.folder, wanted));
    expect(await recordIfAny(wanted, options)).toMatchObject({ label: "sum of [1,2]" });
    expect(options.warnings).toEqual([]);
    expect(options.events).toHaveLength(6);
  });

  test("beside another artifact is not taken for its own", async () => {
    const options = cache();
    const [one, other] = [request(sumStep(), 1), request(sumStep(), 2)];
    for (const wanted of [one, other]) await obtain(wanted, options);
    copyFileSync(artifactPath(options.folder, one), artifactPath(options.folder, other));
    expect(await obtain(other, options)).toEqual(artifactOf(2));
    expect(options.warnings).toEqual([expect.stringMatching(/\.json: it is the record of another artifact/)]);
  });

  test("of an earlier version, without a checksum, is taken", async () => {
    const options = cache();
    const wanted = request(sumStep(), 3);
    await obtain(wanted, options);
    writeFileSync(recordOf(options.folder, wanted), JSON.stringify(earlier));
    expect(await obtain(wanted, options)).toEqual(artifactOf(3));
    expect(await obtainRecord(wanted, options)).toEqual(earlier);
    expect(options.warnings).toEqual([]);
  });
});

test("a cache that is emptied again and again while it is read gives every value", async () => {
  const options = cache();
  const emptying = spawn("bash", ["-c", 'while :; do rm -rf "$1"; done', "-", options.folder], { stdio: "ignore" });
  try {
    const wanted = request(sumStep(), [[1, 2], [3, 4], 5]);
    for (const end = Date.now() + 2000; Date.now() < end; ) {
      expect(numberIn(await obtain(wanted, options))).toBe(15);
      expect((await obtainRecord(wanted, options)).label).toBe(wanted.label);
      await setImmediate();
    }
  } finally {
    emptying.kill("SIGKILL");
  }
});

test("values that are not finite are refused by the name of their array, before anything is written", async () => {
  const options = cache();
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const wrong: Step<number> = {
      ...(sumStep({ kind: "diverged" }) as unknown as Step<number>),
      run: async () => ({ arrays: { "mixer.0": { shape: [2], data: Float32Array.of(1, value) } }, facts: {} }),
    };
    await expect(obtain(request(wrong, 1), options)).rejects.toThrow(
      `array mixer.0: expected finite values, got 1 of 2`,
    );
  }
  expect(readdirSync(options.folder)).toEqual([]);
});

describe("an interrupted step", () => {
  /** Counts to the value, saving each count; stops after `most` of them. */
  const counting = (most: number, counted: number[]): Step<number> => ({
    ...(sumStep({ kind: "count" }) as unknown as Step<number>),
    inputs: () => [],
    run: async (value, _, { checkpoint }) => {
      const start = checkpoint.load()?.facts.value ?? 0;
      for (let count = Number(start) + 1; count <= value; count++) {
        if (counted.length === most) throw new Error("interrupted");
        counted.push(count);
        checkpoint.save(artifactOf(count));
      }
      return artifactOf(value);
    },
  });
  const partial = (folder: string): string =>
    join(folder, readdirSync(folder).find((name) => name.endsWith(".partial")) ?? "none");

  test("leaves its checkpoint, from which the next run continues, and which is gone at the end", async () => {
    const options = cache();
    await expect(obtain(request(counting(3, []), 5), options)).rejects.toThrow("interrupted");
    expect(existsSync(partial(options.folder))).toBe(true);
    const counted: number[] = [];
    expect(await obtain(request(counting(9, counted), 5), options)).toEqual(artifactOf(5));
    expect(counted).toEqual([4, 5]);
    expect(readdirSync(options.folder).filter((name) => !/\.(safetensors|json)$/.test(name))).toEqual([]);
  });

  test("whose checkpoint is damaged says so and begins anew", async () => {
    const options = cache();
    await expect(obtain(request(counting(3, []), 5), options)).rejects.toThrow("interrupted");
    writeFileSync(partial(options.folder), "half a checkpoint");
    const counted: number[] = [];
    expect(await obtain(request(counting(9, counted), 5), options)).toEqual(artifactOf(5));
    expect(counted).toEqual([1, 2, 3, 4, 5]);
    expect(options.warnings).toEqual([expect.stringMatching(/\.partial: it is damaged: .*made again$/)]);
  });

  test("does not share its checkpoint with another value's", async () => {
    const options = cache();
    await expect(obtain(request(counting(3, []), 5), options)).rejects.toThrow("interrupted");
    const counted: number[] = [];
    await obtain(request(counting(9, counted), 2), options);
    expect(counted).toEqual([1, 2]);
  });
});

test("two processes that make the same artifact at once leave one, intact, with the bytes of a single run", async () => {
  const folder = temporaryFolder();
  const runs = await Promise.all([inProcess(folder), inProcess(folder)]);
  for (const { code, printed } of runs) {
    expect(code).toBe(0);
    expect(printed).toMatch(/^(\d+: waits for process \d+ on \S+, which makes it\n)*$/);
  }
  const alone = temporaryFolder();
  expect(await inProcess(alone)).toEqual({ code: 0, printed: "" });
  const files = (place: string): readonly string[] => readdirSync(place).filter((name) => !name.endsWith(".json"));
  expect(files(folder)).toEqual(files(alone));
  for (const name of files(alone)) {
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(alone, name))), name).toBe(true);
  }
  expect(files(alone)).toHaveLength(20);
});

/** Makes twenty artifacts of 100,000 numbers, with a checkpoint each, in a process of its own. */
function inProcess(folder: string): Promise<{ readonly code: number | null; readonly printed: string }> {
  const program = `
    const { obtain } = require(${JSON.stringify(join(projectRoot(), "lib", "dist", "core", "artifacts", "obtain.js"))});
    const { request } = require(${JSON.stringify(join(projectRoot(), "lib", "dist", "core", "artifacts", "step.js"))});
    const step = {
      kind: "large", version: 1, inputs: (n) => (n === 0 ? [] : [request(step, n - 1)]), label: String, cost: () => 1,
      run: async (n, _, { checkpoint }) => {
        const data = Float32Array.from({ length: 100_000 }, (_, i) => Math.fround(Math.sin(n + i)));
        const artifact = { arrays: { data: { shape: [data.length], data } }, facts: { n } };
        checkpoint.save(artifact);
        return checkpoint.load() ?? artifact;
      },
    };
    const none = () => {};
    obtain(request(step, 19), {
      folder: ${JSON.stringify(folder)}, environment: ${JSON.stringify(environment)}, progress: { report: none }, started: none, finished: none,
      signal: new AbortController().signal, warn: console.error,
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, printed })));
}
