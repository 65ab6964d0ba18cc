import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readSealed } from "../../lib/core/artifacts/store";
import { type Matrix, row } from "../../lib/core/matrix";
import { projectRoot } from "../../lib/core/paths";
import { loadDataset } from "../../lib/data/load-dataset";
import { contentHash } from "../../lib/data/splits/content-hash";
import { testEmbeddings, testSplit } from "../../lib/experiments/look";
import { queriesFile, queryValues } from "../../lib/experiments/results/query-results";
import type { TableResult } from "../../lib/experiments/results/result";
import { resultJson } from "../../lib/experiments/results/result-file";
import { runTable } from "../../lib/experiments/run";
import type { RunChoices } from "../../lib/experiments/run-options";
import { tf } from "../../lib/tf/tensorflow";
import { toyShapes } from "../training/shapes-toy";
import { toyTable } from "./toy-table";

const places = vi.hoisted(() => ({ committed: "" }));
vi.mock("../../lib/core/paths", async (original) => ({
  ...(await original<object>()),
  committedFolder: () => places.committed,
}));

let folder = "";
let first: TableResult;
let firstLines: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fct-run-"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
  places.committed = join(folder, "results");
  const { result, lines } = await run({});
  first = result;
  firstLines = lines;
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the toy table; `lines` are those of its progress that stay. */
async function run(
  options: Partial<RunChoices>,
): Promise<{ readonly result: TableResult; readonly lines: readonly string[] }> {
  let written = "";
  const output = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written += text;
    return true;
  });
  try {
    const result = await runTable(toyTable, { scale: "tiny", compute: true, progress: "notebook", ...options });
    const lines = written.split("\n").map((line) => line.split("\r").at(-1)?.trim() ?? "");
    return { result, lines: lines.filter((line) => line !== "") };
  } finally {
    output.mockRestore();
  }
}

const artifacts = (cache = join(folder, "cache")): readonly string[] =>
  readdirSync(cache).filter((name) => name.endsWith(".safetensors"));
const bytes = (name: string, cache = join(folder, "cache")): string =>
  readFileSync(join(cache, name)).toString("base64");
const times = (): Readonly<Record<string, number>> =>
  Object.fromEntries(artifacts().map((name) => [name, statSync(join(folder, "cache", name)).mtimeMs]));

/** Takes the results of a table's queries out of the cache. */
function forget({ queries }: TableResult): void {
  for (const ending of [".safetensors", ".json"]) rmSync(join(folder, "cache", `queries-${queries?.key}${ending}`));
}

/** The share of queries, in percent, whose nearest other item has their class. */
function naiveTop1(query: Matrix, gallery: Matrix, labels: Int32Array): number {
  const distance = (i: number, j: number): number =>
    row(query, i).reduce((sum, value, c) => sum + (value - (row(gallery, j)[c] ?? Number.NaN)) ** 2, 0);
  const items = Array.from(labels.keys());
  const right = items.filter((i) => {
    const others = items.filter((j) => j !== i);
    const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
    return labels[nearest] === labels[i];
  });
  return (100 * right.length) / labels.length;
}

describe("running a table", () => {
  test("measures each row with its own models: top-1 equals a naive search among the embeddings, seed by seed", async () => {
    const { labels } = await testSplit(toyShapes);
    for (const seed of [0, 1]) {
      for (const [index, { query, gallery, id }] of toyTable.rows("tiny", seed).entries()) {
        const matrices = [await testEmbeddings(query, toyShapes), await testEmbeddings(gallery, toyShapes)] as const;
        expect(first.rows[index]?.perSeed[seed]?.top1, `${id} ${seed}`).toBeCloseTo(naiveTop1(...matrices, labels), 3);
      }
    }
  });

  test("gives each row's mean over the seeds, its label and what is reported, and the whole declaration", async () => {
    const { rows, histories, run: making, queries, fingerprint, ...rest } = first;
    expect(rest).toEqual({
      table: "toy",
      title: "The main table in small",
      scale: "tiny",
      dataset: "drawn shapes",
      seeds: [0, 1],
    });
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
    const declared = toyTable.rows("tiny", 0);
    expect(rows.map(({ id, label, reported }) => ({ id, label, reported }))).toEqual(
      declared.map(({ id, label, reported }) => ({ id, label, reported })),
    );
    for (const { metrics, perSeed } of rows) {
      const [one, two] = perSeed.map(({ mAP }) => mAP);
      expect(metrics.mAP.mean).toBeCloseTo(((one ?? Number.NaN) + (two ?? Number.NaN)) / 2, 3);
      expect(metrics.mAP.n).toBe(2);
    }
    for (const metric of ["top1", "top5", "mAP"] as const) {
      const [start, end] = [rows[0]?.metrics[metric].mean ?? 0, rows[6]?.metrics[metric].mean ?? 0];
      expect(rows[0]?.gapClosed[metric]).toBe(end > start ? 0 : null);
      expect(rows[6]?.gapClosed[metric]).toBe(end > start ? 100 : null);
    }
    expect(rows[3]?.gapClosed.top1).toBeNull();
    expect(making.trainingSeconds).toBeGreaterThan(0);
    expect(making.pieces).toHaveLength(45);
    expect(making.pieces?.map(({ key }) => `${key}.safetensors`).sort()).toEqual([...artifacts()].sort());
    expect(making.environments).toEqual([making.environment]);
    expect(making.datasets).toEqual([await contentHash(await loadDataset(toyShapes))]);
    expect(queries?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(making.environment.tensorflow).toMatch(/^2\./);
    expect(() => resultJson(first)).not.toThrow();
  });

  test("keeps what every query found, whose means are the row's, with intervals around them", () => {
    const path = join(folder, "cache", `queries-${first.queries?.key}.safetensors`);
    const { artifact, digest } = readSealed(path);
    expect(digest).toBe(first.queries?.sha256);
    for (const { id, perSeed, metrics, gapInterval } of first.rows) {
      for (const metric of ["top1", "top5", "mAP"] as const) {
        first.seeds.forEach((seed, index) => {
          const { values } = queryValues(artifact, { row: id, seed, metric });
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          expect(perSeed[index]?.[metric], `${id} ${metric}`).toBeCloseTo(mean, 3);
        });
        const [low = Number.NaN, high = Number.NaN] = metrics[metric].interval ?? [];
        expect(low).toBeLessThanOrEqual(metrics[metric].mean);
        expect(high).toBeGreaterThanOrEqual(metrics[metric].mean);
      }
      expect(gapInterval).toBeDefined();
    }
  });

  test("trains each distinct model once for each seed, and gives its losses", () => {
    expect(first.histories.map(({ label, seed, loss }) => `${seed} ${label} ${loss.length}`)).toEqual(
      [0, 1].flatMap((seed) => [
        `${seed} convolution net on 50 % of the classes 5`,
        `${seed} convolution net on all classes 5`,
        `${seed} BCT convolution net on all classes 5`,
        `${seed} h, no side-information 6`,
        `${seed} SimCLR, 8-d, on 50 % of the classes 4`,
        `${seed} h, SimCLR, 8-d, on 50 % of the classes 6`,
      ]),
    );
    const kinds = artifacts().map((name) => name.split("-")[0] ?? "");
    const counts = Object.fromEntries(
      [...new Set(kinds)].map((kind) => [kind, kinds.filter((k) => k === kind).length]),
    );
    expect(counts).toEqual({
      train: 8,
      embed: 8,
      views: 6,
      transform: 4,
      map: 4,
      evaluate: 14,
      queries: 1,
    });
    expect(firstLines).toHaveLength(45);
    expect(firstLines[0]).toMatch(/^1\/45 pieces · convolution net on 50 % of the classes: done in \d+:\d\d$/);
    expect(firstLines.at(-1)).toMatch(/^45\/45 pieces · .*: done in \d+:\d\d$/);
  });

  test("records beside each training and embedding what its images are known by", async () => {
    const known = await contentHash(await loadDataset(toyShapes));
    expect(known.kind).toBe("pixels");
    const readBy = (name: string) => {
      const record = join(folder, "cache", name.replace(/safetensors$/, "json"));
      return JSON.parse(readFileSync(record, "utf8")).read;
    };
    for (const kind of ["train", "embed", "views"]) {
      const made = artifacts().filter((name) => name.startsWith(`${kind}-`));
      expect(made.length).toBeGreaterThan(0);
      for (const name of made) expect(readBy(name), name).toEqual({ dataset: known });
    }
    for (const name of artifacts().filter((path) => path.startsWith("map-"))) expect(readBy(name)).toBeUndefined();
  });

  test("a second time trains nothing and gives the same result", async () => {
    const before = times();
    const tensors = tf.memory().numTensors;
    const { result, lines } = await run({});
    expect(lines).toEqual([]);
    expect(times()).toEqual(before);
    expect(result).toEqual(first);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test("with fewer seeds takes what there is", async () => {
    const { result, lines } = await run({ seeds: 1 });
    expect(lines).toEqual([expect.stringMatching(/results of every query of 7 rows: done/)]);
    forget(result);
    expect(result.rows.map(({ perSeed }) => perSeed)).toEqual(first.rows.map(({ perSeed }) => perSeed.slice(0, 1)));
    expect(result.fingerprint).not.toBe(first.fingerprint);
  });

  test("by force computes all again, to the same bytes", async () => {
    const before = times();
    const contents = artifacts().map((name) => bytes(name));
    const { result, lines } = await run({ force: true, seeds: 1 });
    expect(lines).toHaveLength(23);
    forget(result);
    const after = times();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(Object.entries(after).filter(([name, time]) => time > (before[name] ?? 0))).toHaveLength(22);
    expect(
      artifacts()
        .map((name) => bytes(name))
        .every((content, i) => content === contents[i]),
    ).toBe(true);
    expect(result.rows.map(({ perSeed }) => perSeed)).toEqual(first.rows.map(({ perSeed }) => perSeed.slice(0, 1)));
    expect(result.histories).toEqual(first.histories.filter(({ seed }) => seed === 0));
  });

  test("reports a damaged file and makes it again, to the same bytes", async () => {
    const name = artifacts().find((path) => path.startsWith("evaluate-")) ?? "";
    const content = bytes(name);
    writeFileSync(join(folder, "cache", name), "damaged");
    const { result, lines } = await run({});
    expect(lines[0]).toMatch(new RegExp(`^warning: .*${name}: it is damaged: .*it is made again$`));
    expect(lines).toHaveLength(2);
    expect(bytes(name) === content).toBe(true);
    expect(result.rows).toEqual(first.rows);
  });

  const records = (kind: string): readonly string[] =>
    readdirSync(join(folder, "cache"))
      .filter((name) => name.startsWith(`${kind}-`) && name.endsWith(".json"))
      .map((name) => join(folder, "cache", name));

  test.each(["evaluate", "map", "train"])(
    "names a damaged record of a step '%s' and does that step again",
    async (kind) => {
      const [record = ""] = records(kind);
      writeFileSync(record, readFileSync(record, "utf8").slice(0, 60));
      const { result, lines } = await run({});
      const warnings = lines.filter((line) => line.startsWith("warning"));
      expect(warnings).toEqual([expect.stringMatching(/\.json: it is damaged: .*; it is made again$/)]);
      expect(warnings[0]).toContain(record);
      expect(lines).toHaveLength(2);
      expect(result.rows).toEqual(first.rows);
      expect((await run({})).lines).toEqual([]);
    },
  );

  test("makes again what has lost its record, and all the rest, if all records are gone", async () => {
    const { result: before } = await run({ seeds: 1 });
    const contents = artifacts().map((name) => bytes(name));
    for (const { key } of before.run.pieces ?? []) rmSync(join(folder, "cache", `${key}.json`));
    const { result, lines } = await run({ seeds: 1 });
    expect(lines.filter((line) => line.startsWith("warning"))).toHaveLength(23);
    expect(result.rows).toEqual(before.rows);
    expect(result.run.trainingSeconds).toBeGreaterThan(0);
    expect(artifacts().every((name, i) => bytes(name) === contents[i])).toBe(true);
    expect((await run({ seeds: 1 })).lines).toEqual([]);
    forget(result);
  });

  test("gives the committed result instead, unless it shall compute or the declaration has changed", async () => {
    const path = join(folder, "results", "tiny", "toy.json");
    const committed = { ...first, title: toyTable.title, run: { ...first.run, trainingSeconds: 1234.5 } };
    mkdirSync(join(folder, "results", "tiny"), { recursive: true });
    writeFileSync(path, resultJson(committed));
    expect((await run({ compute: false })).result.run.trainingSeconds).toBe(1234.5);
    expect((await run({ compute: true })).result.run.trainingSeconds).not.toBe(1234.5);
    expect((await run({ compute: false, seeds: 1 })).result.seeds).toEqual([0]);
    writeFileSync(path, resultJson({ ...committed, fingerprint: "0".repeat(32) }));
    expect((await run({ compute: false })).result.run.trainingSeconds).not.toBe(1234.5);
  });
});

describe("a run that extends the committed result", () => {
  const committed = (): string => join(folder, "results", "tiny", "toy.json");

  /** Commits the run of seed 0 alone. */
  async function commitOne(change: Partial<TableResult> = {}): Promise<TableResult> {
    const { result } = await run({ seeds: 1 });
    mkdirSync(join(folder, "results", "tiny"), { recursive: true });
    const queries = join(folder, "cache", `queries-${result.queries?.key}.safetensors`);
    cpSync(queries, join(folder, "results", "tiny", queriesFile("toy")));
    writeFileSync(committed(), resultJson({ ...result, ...change }));
    return result;
  }

  afterAll(() => rmSync(join(folder, "results"), { recursive: true, force: true }));

  test("computes the other seeds alone, and gives what a run of all seeds gives", async () => {
    const one = await commitOne();
    vi.stubEnv("FCT_CACHE", join(folder, "other-cache"));
    const { result, lines } = await run({ extend: true });
    expect(lines).toHaveLength((one.run.pieces?.length as number) + 1);
    const made = readdirSync(join(folder, "other-cache")).filter((name) => name.endsWith(".safetensors"));
    expect(made).toHaveLength(lines.length);
    vi.stubEnv("FCT_CACHE", join(folder, "cache"));
    const { run: making, queries, ...rest } = result;
    const { run: _making, queries: whole, ...all } = first;
    expect(rest).toEqual(all);
    expect(queries?.sha256).toBe(whole?.sha256);
    const keys = making.pieces?.map(({ key }) => key) ?? [];
    expect(new Set(keys).size).toBe(keys.length);
    for (const { key } of first.run.pieces ?? []) if (key !== `queries-${whole?.key}`) expect(keys).toContain(key);
    expect(making.environments).toHaveLength(1);
    expect(() => resultJson(result)).not.toThrow();
  });

  test("is refused without a result of today's declaration, with too few seeds, and with damaged queries", async () => {
    await commitOne({ fingerprint: "0".repeat(32) });
    await expect(run({ extend: true })).rejects.toThrow(/toy\.json.*earlier declaration.*without --extend/s);
    const { queries: _, ...without } = await commitOne();
    writeFileSync(committed(), resultJson(without));
    await expect(run({ extend: true })).rejects.toThrow(/toy\.json.*names no file.*without --extend/s);
    await commitOne();
    await expect(run({ extend: true, seeds: 1 })).rejects.toThrow(/seeds: expected more than the 1 .*got 1/);
    const queries = join(folder, "results", "tiny", queriesFile("toy"));
    writeFileSync(queries, readFileSync(queries).subarray(0, 200));
    await expect(run({ extend: true })).rejects.toThrow(/toy-queries\.safetensors/);
    rmSync(committed());
    await expect(run({ extend: true })).rejects.toThrow(/toy\.json.*no result to extend/s);
  });
});

describe("a run that is killed", () => {
  const modules = join(projectRoot(), "lib", "dist", "experiments", "run.js");

  /** Runs the table's first seed in a process of its own; killed at once when `kill` says so of the cache's files. */
  function inProcess(
    cache: string,
    kill: (files: readonly string[]) => boolean,
  ): Promise<NodeJS.Signals | number | null> {
    const { rows, ...table } = toyTable;
    const program = `
      const table = { ...${JSON.stringify(table)}, rows: () => ${JSON.stringify(rows("tiny", 0))} };
      require(${JSON.stringify(modules)}).runTable(table, { scale: "tiny", seeds: 1, compute: true, progress: "log" });`;
    const child = spawn(process.execPath, ["-e", program], {
      env: { ...process.env, FCT_CACHE: cache },
      stdio: "ignore",
    });
    const watch = setInterval(() => {
      if (kill(readdirSync(cache))) child.kill("SIGKILL");
    }, 1);
    return new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        clearInterval(watch);
        resolve(signal ?? code);
      });
    });
  }

  test("twice in the middle of a training and run again has the bytes of an undisturbed run", async () => {
    const cache = join(folder, "killed");
    mkdirSync(cache);
    const unfinished = (files: readonly string[], kind: string): boolean =>
      files.some((name) => name.startsWith(`${kind}-`) && name.endsWith(".partial"));
    expect(await inProcess(cache, (files) => unfinished(files, "train"))).toBe("SIGKILL");
    expect(readdirSync(cache).filter((name) => name.endsWith(".partial"))).toHaveLength(1);
    expect(await inProcess(cache, (files) => unfinished(files, "transform"))).toBe("SIGKILL");
    expect(artifacts(cache).length).toBeGreaterThan(3);
    expect(await inProcess(cache, () => false)).toBe(0);
    expect(readdirSync(cache).filter((name) => name.endsWith(".partial"))).toEqual([]);
    expect(artifacts(cache)).toHaveLength(23);
    for (const name of artifacts(cache)) expect(bytes(name, cache) === bytes(name), name).toBe(true);
  });
});
