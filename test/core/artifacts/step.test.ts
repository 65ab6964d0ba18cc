import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  artifactPath,
  type CacheOptions,
  graphOf,
  makingRecord,
  obtain,
  pendingOf,
  type Request,
  request,
  type Step,
  type StepContext,
} from "../../../lib/core/artifacts/step";
import type { Artifact } from "../../../lib/core/artifacts/store";
import { hashOf } from "../../../lib/core/hash";
import { projectRoot } from "../../../lib/core/paths";
import { temporaryFolder } from "../../temporary-folder";

/** A sum of numbers: leaves are numbers, and every inner sum is a piece of work of its own. */
type Sum = number | readonly Sum[];

interface SumOptions {
  readonly kind?: string;
  readonly version?: number;
  readonly ran?: (value: Sum, context: StepContext) => void;
}

function sumStep({ kind = "sum", version = 1, ran = () => {} }: SumOptions = {}): Step<Sum> {
  const step: Step<Sum> = {
    kind,
    version,
    inputs: (value) => (typeof value === "number" ? [] : value.map((part) => request(step, part))),
    label: (value) => `sum of ${JSON.stringify(value)}`,
    cost: () => 1,
    run: async (value, inputs, context) => {
      ran(value, context);
      return typeof value === "number"
        ? artifactOf(value)
        : artifactOf(inputs.map(numberIn).reduce((a, b) => a + b, 0));
    },
  };
  return step;
}

function artifactOf(value: number): Artifact {
  return { arrays: { value: { shape: [], data: Float32Array.of(value) } }, facts: { value } };
}

function numberIn({ arrays }: Artifact): number {
  return arrays.value?.data[0] ?? Number.NaN;
}

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

const labels = (requests: readonly Request[]): readonly string[] => requests.map(({ label }) => label);

describe("a key", () => {
  const key = (value: Sum, options?: SumOptions): string => request(sumStep(options), value).key;

  test("never changes silently: the whole cache depends on it", () => {
    expect(key([1, 2])).toBe("942b76df49dbc383576be2141002233a");
    expect(key(1)).toBe(hashOf(["sum", 1, 1, []]).slice(0, 32));
  });

  test("changes with the kind, the version, the value and the inputs' versions, and with nothing else", () => {
    const keys = [key([1, 2]), key([1, 2], { kind: "total" }), key([1, 2], { version: 2 }), key([2, 1]), key([1, [2]])];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key([1, 2], { ran: () => "other" })).toBe(key([1, 2]));
    const outer = (inner: SumOptions): string =>
      request({ ...sumStep(), inputs: () => [request(sumStep(inner), 1)] }, [1]).key;
    expect(outer({ version: 2 })).not.toBe(outer({ version: 1 }));
  });

  test("does not depend on the order of a value's members, or on members that are undefined", () => {
    const step: Step<{ readonly a: number; readonly b?: number | undefined }> = {
      ...(sumStep() as unknown as Step<{ readonly a: number }>),
      inputs: () => [],
    };
    expect(request(step, { b: 2, a: 1 }).key).toBe(request(step, { a: 1, b: 2 }).key);
    expect(request(step, { a: 1, b: undefined }).key).toBe(request(step, { a: 1 }).key);
  });
});

describe("the graph of work", () => {
  const wanted = request(sumStep(), [[1, 2], [[1, 2], 3], 1]);

  test("lists each piece once, inputs before what needs them", () => {
    expect(labels(graphOf([wanted, request(sumStep(), [1, 2])]))).toEqual([
      "sum of 1",
      "sum of 2",
      "sum of [1,2]",
      "sum of 3",
      "sum of [[1,2],3]",
      "sum of [[1,2],[[1,2],3],1]",
    ]);
  });

  test("is pending without what the cache holds and without what only that needed", async () => {
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
    expect(makingRecord(one.folder, wanted)).toBeNull();
    for (const options of [one, other]) await obtain(wanted, options);
    expect(readFileSync(artifactPath(one.folder, wanted))).toEqual(readFileSync(artifactPath(other.folder, wanted)));
    const record = makingRecord(one.folder, wanted);
    expect(record).toMatchObject({ label: "sum of 4", environment });
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
    expect(makingRecord(one.folder, wanted)?.read).toEqual({ numbers: { from: "a file", count: 2 } });
    expect(makingRecord(other.folder, wanted)).not.toHaveProperty("read");
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
      expect.stringMatching(/sum-[0-9a-f]{32}\.safetensors is damaged: .*made again$/),
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
    expect(options.warnings).toEqual([expect.stringMatching(/\.partial is damaged: .*made again$/)]);
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
  expect(runs).toEqual([
    { code: 0, printed: "" },
    { code: 0, printed: "" },
  ]);
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
    const { obtain, request } = require(${JSON.stringify(join(projectRoot(), "lib", "dist", "core", "artifacts", "step.js"))});
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
      folder: ${JSON.stringify(folder)}, environment: {}, progress: { report: none }, started: none, finished: none,
      signal: new AbortController().signal, warn: console.error,
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, printed })));
}
