import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { dryRunReport } from "../../../lib/cli/reproduce/dry-run";
import type { ExecutedNotebook } from "../../../lib/cli/reproduce/execute-notebook";
import { reproduceCommand } from "../../../lib/cli/reproduce/reproduce";
import { executionOf, reproduceAll } from "../../../lib/cli/reproduce/reproduce-all";
import { artifactPath } from "../../../lib/core/artifacts/obtain";
import { graphOf, type Request } from "../../../lib/core/artifacts/step";
import { InputError } from "../../../lib/core/input-error";
import { cacheFolder } from "../../../lib/core/paths";
import { asChosen } from "../../../lib/experiments/as-chosen";
import { anyRequests } from "../../../lib/experiments/language/kinds/any-table";
import { chosenTable, runChoices } from "../../../lib/experiments/run-options";
import type { Table } from "../../../lib/experiments/table";
import { requestsOf } from "../../../lib/experiments/table-work";
import { datasetChangeTable } from "../../../lib/tables/dataset-change";
import { datasetTables } from "../../../lib/tables/datasets";
import { mainTable } from "../../../lib/tables/main";
import { overviewTable } from "../../../lib/tables/overview";
import { tables } from "../../../lib/tables/tables";
import { tf } from "../../../lib/tf/tensorflow";
import { pictures } from "../../experiments/pictures";
import { refusal } from "../refusal";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fct-reproduce-"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A notebook that was executed, where and with which settings. */
interface Executed {
  readonly name: string;
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
}

interface RunAll {
  readonly seeds?: number;
  readonly force?: boolean;
  readonly check?: boolean;
  /** A table that is not reproduced. */
  readonly unlike?: string;
  /** A table whose comparison throws. */
  readonly damaged?: string;
}

/** Runs all with notebooks that end as told, by name; gives what was printed. */
async function all(
  ends: Readonly<Record<string, Pick<ExecutedNotebook, "status" | "failure">>>,
  wanted: readonly Table[] = [overviewTable, mainTable],
  { unlike = "", damaged = "", ...choices }: RunAll = {},
): Promise<{ readonly status: number; readonly printed: string; readonly executed: readonly Executed[] }> {
  const executed: Executed[] = [];
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  const scale = wanted.every(({ scales }) => "quick" in scales) ? "quick" : "paper";
  const execution = { scale, seeds: null, force: false, folder: "runs", ...choices };
  const status = await reproduceAll(wanted, execution, {
    execute: async (name, { folder, settings }) => {
      executed.push({ name, folder, settings });
      return { status: 0, failure: null, notebook: `${name}.ipynb`, html: `${name}.html`, ...ends[name] };
    },
    compare: ({ id }) => {
      if (id === damaged) throw new InputError({ file: `${id}.json`, fault: "is damaged" });
      return { reproduced: id !== unlike, verdict: `verdict on ${id}.` };
    },
  });
  const printed = [...error.mock.calls, ...log.mock.calls].flat().join("\n");
  log.mockRestore();
  error.mockRestore();
  return { status, printed, executed };
}

describe("all notebooks", () => {
  test("run one after the other, each with its table, and those without a table at the end", async () => {
    const { status, printed, executed } = await all({});
    expect(status).toBe(0);
    expect(executed.map(({ name, settings }) => [name, settings.FCT_TABLE])).toEqual([
      ["00-overview", "overview"],
      ["01-main", "main"],
      ["11-explore", undefined],
      ["12-own-experiment", undefined],
      ["14-store", undefined],
    ]);
    const pieces = graphOf(requestsOf(mainTable, { scale: "quick", seeds: null })).length;
    expect(printed).toMatch(new RegExp(`main .*anew, ${pieces} pieces`));
    expect(printed).toMatch(/11-explore .*from the cache/);
    expect(printed).toMatch(/main .*\n +verdict on main\./);
  });

  test("fail under --check alone if a table is not reproduced", async () => {
    expect((await all({}, [overviewTable, mainTable], { unlike: "main" })).status).toBe(0);
    expect((await all({}, [overviewTable, mainTable], { unlike: "main", check: true })).status).toBe(1);
    expect((await all({}, [overviewTable, mainTable], { check: true })).status).toBe(0);
  });

  test("go on after one has failed; the end says which and why", async () => {
    const { status, printed, executed } = await all({ "00-overview": { status: 1, failure: "failed in cell 4: no" } });
    expect(status).toBe(1);
    expect(executed.length).toBe(5);
    expect(printed).toMatch(/overview .*FAILED: failed in cell 4: no/);
  });

  test("go on after one that cannot be compared; the end says which and why", async () => {
    const { status, printed, executed } = await all({}, [overviewTable, mainTable], { damaged: "overview" });
    expect([status, executed.length]).toEqual([1, 5]);
    expect(printed).toMatch(/overview .*FAILED: overview\.json: is damaged\n/);
    expect(printed).toMatch(/main .*\n +verdict on main\./);
  });

  test("stop after an interrupt, and say what was not begun", async () => {
    const { status, printed, executed } = await all({ "00-overview": { status: 130, failure: "status 130" } });
    expect(status).toBe(130);
    expect(executed.length).toBe(1);
    expect(printed).toContain("not begun: main, 11-explore, 12-own-experiment, 14-store; the same command goes on");
  });
});

describe("each notebook", () => {
  test("is told the scale and the seeds; by force, what is cached is forgotten once, before the first", async () => {
    const cached = graphOf(requestsOf(overviewTable, { scale: "quick", seeds: 2 })).map((step) =>
      artifactPath(cacheFolder(), step),
    );
    mkdirSync(cacheFolder(), { recursive: true });
    for (const path of cached) writeFileSync(path, "");
    const { executed, printed } = await all({}, [overviewTable], { seeds: 2, force: true });
    expect(cached.filter((path) => existsSync(path))).toEqual([]);
    const told = { FCT_SCALE: "quick", FCT_SEEDS: "2", FCT_FORCE: "", FCT_COMPUTE: "1" };
    for (const { settings } of executed) expect(settings).toMatchObject(told);
    const pieces = graphOf(requestsOf(overviewTable, { scale: "quick", seeds: 2 })).length;
    expect(printed).toContain(`1/4: overview (notebook 00-overview), ${pieces} pieces of work to do`);
  });

  test("that several tables share is executed in a folder of its own for all but the first", async () => {
    const [cifar] = datasetTables as readonly [Table];
    const { executed } = await all({}, [datasetChangeTable, cifar]);
    expect(executed.map(({ name, folder, settings }) => [name, folder, settings.FCT_TABLE])).toEqual([
      ["05-dataset-change", "runs", "dataset-change"],
      ["05-dataset-change", join("runs", "cifar-100"), "cifar-100"],
      ["11-explore", "runs", undefined],
      ["12-own-experiment", "runs", undefined],
      ["14-store", "runs", undefined],
    ]);
  });
});

describe("own images", () => {
  test("take the place of the declared table's in its notebook, which makes the same table of it", async () => {
    const images = { path: await pictures(), side: 32, disjoint: false };
    const choices = { scale: "quick", seeds: null, force: false, images, precision: "bfloat16" } as const;
    const table = await asChosen(mainTable, choices, () => {});
    const { folder, settings } = executionOf(table, { ...choices, folder: "runs" });
    expect(folder).toBe(join("runs", table.id));
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    const shown = chosenTable([overviewTable, mainTable]);
    expect((await asChosen(shown, runChoices(), () => {})).id).toBe(table.id);
    for (const name of Object.keys(settings)) vi.stubEnv(name, undefined);
  });

  test.each([[["--side", "64"]], [["--disjoint"]]])("are what %j is of", async (words) => {
    expect(await refusal(reproduceCommand(), words)).toContain("give --dataset");
  });
});

test("numbers are refused before any work if the folder of results is a file", async () => {
  const file = join(folder, "results");
  writeFileSync(file, "");
  vi.stubEnv("FCT_RESULTS", file);
  const said = vi.spyOn(console, "error").mockReturnValue();
  const reproducing = reproduceCommand().parseAsync(["--numbers", "--scale", "quick"], { from: "user" });
  await expect(reproducing).rejects.toThrow(/quick: lies in .*results, which is a file; .*FCT_RESULTS/);
  expect(said).not.toHaveBeenCalled();
  said.mockRestore();
  vi.stubEnv("FCT_RESULTS", "");
});

test("a result that cannot be extended is named before a notebook is started", async () => {
  const printed = await refusal(reproduceCommand(), ["--extend", "--table", "main"]);
  expect(printed).toMatch(/seeds: expected more than the \d+ of the committed result.*got 1/);
  const extend = (...words: readonly string[]): Promise<unknown> =>
    reproduceCommand().parseAsync(["--extend", ...words], { from: "user" });
  await expect(extend("--table", "main", "--scale", "paper")).rejects.toThrow(/main\.json: is missing/);
  await expect(extend("--table", "backfill", "--seeds", "10")).rejects.toThrow(/backfill\.json.*curve.*--extend/);
});

describe("a dry run", () => {
  test("lists every step once, inputs before what needs them, with the hours of all", () => {
    const before = tf.memory().numTensors;
    const report = dryRunReport([mainTable], { scale: "paper", seeds: null });
    expect(tf.memory().numTensors).toBe(before);
    const steps = graphOf(requestsOf(mainTable, { scale: "paper", seeds: null }));
    const lines = report.split("\n").filter((line) => /^ +to do /.test(line));
    expect(lines.length).toBe(steps.length);
    steps.forEach(({ label }, index) => {
      expect(lines[index]?.endsWith(`  ${label}`), label).toBe(true);
    });
    // 640,583 images of 500 classes, a hundred epochs: a hundredth less or more is the rounding of three digits.
    expect(lines[0]).toMatch(/ 64\.\d M /);
    expect(report).toMatch(/39 of 39 steps to do, about [\d.]+ hours/);
  });

  test("says which steps the cache holds, and counts the others", () => {
    const steps = graphOf(requestsOf(overviewTable, { scale: "quick", seeds: 1 }));
    const path = artifactPath(cacheFolder(), steps[0] as Request);
    mkdirSync(cacheFolder(), { recursive: true });
    writeFileSync(path, "");
    const report = dryRunReport([overviewTable], { scale: "quick", seeds: 1 });
    rmSync(path);
    expect(report.split("\n").filter((line) => /^ +cached /.test(line))).toHaveLength(1);
    expect(report).toContain(`${steps.length - 1} of ${steps.length} steps to do`);
  });

  test.each(tables.map((table) => [table.id, table] as const))("knows every scale of the table %s", (_, table) => {
    for (const scale of Object.keys(table.scales)) {
      for (const { cost, needs } of graphOf(anyRequests(table, { scale, seeds: 1 }))) {
        expect(cost).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(cost)).toBe(true);
        expect(needs()?.bytes ?? 1).toBeGreaterThan(0);
      }
    }
  });
});
