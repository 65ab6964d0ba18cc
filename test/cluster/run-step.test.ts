import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { planOf } from "../../lib/cluster/plan";
import { plannedRequest, runStep } from "../../lib/cluster/run-step";
import type { TableResult } from "../../lib/experiments/results/result";
import { resultJson } from "../../lib/experiments/results/result-file";
import { runTable } from "../../lib/experiments/run";
import type { Table } from "../../lib/experiments/table";
import { toyTable } from "../experiments/toy-table";

const rows = ["old-old", "fct-none", "new-new"];
const table: Table = { ...toyTable, rows: (...at) => toyTable.rows(...at).filter(({ id }) => rows.includes(id)) };
const chosen = { scale: "other", seeds: 1, precision: "float32" } as const;
const plan = planOf([table], chosen, { program: "abc", rate: 1e9, cores: 2, gpus: 0 });
const line = { show: () => {}, keep: () => {} };
const folder = mkdtempSync(join(tmpdir(), "fct-steps-"));
const [whole, stepwise] = [join(folder, "whole"), join(folder, "stepwise")];
const step = (key: string): Promise<void> => runStep(plannedRequest(key, { file: "plan", plan }, [table]), line);
const run = (cache: string): Promise<TableResult> => {
  vi.stubEnv("FCT_CACHE", cache);
  return runTable(table, { ...chosen, compute: true, progress: "log" });
};
const artifacts = (cache: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(cache)
      .filter((name) => name.endsWith(".safetensors"))
      .sort()
      .map((name) => [name, readFileSync(join(cache, name), "base64")]),
  );

let byTable: TableResult;
beforeAll(async () => {
  byTable = await run(whole);
  vi.stubEnv("FCT_CACHE", stepwise);
  for (const { key } of plan.steps) await step(key);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe("steps run one by one", () => {
  test("make the artifacts of a run of the table, to the byte, and no others", () => {
    expect(Object.keys(artifacts(stepwise))).toEqual(plan.steps.map(({ artifact }) => artifact).sort());
    expect(artifacts(stepwise)).toEqual(artifacts(whole));
    expect(readdirSync(stepwise).filter((name) => !/\.(safetensors|json)$/.test(name))).toEqual([]);
  });

  test("leave a table nothing to compute, whose result differs in the record of its making alone", async () => {
    const before = artifacts(stepwise);
    const assembled = await run(stepwise);
    expect(artifacts(stepwise)).toEqual(before);
    const { run: making, ...result } = assembled;
    const { run: other, ...expected } = byTable;
    expect(resultJson({ ...result, run: other })).toBe(resultJson({ ...expected, run: other }));
    const pieces = ({ pieces: all = [] }: TableResult["run"]): readonly string[] =>
      all.map(({ label, key }) => `${key} ${label}`);
    expect(pieces(making)).toEqual(pieces(other));
    expect(pieces(making)).toHaveLength(plan.steps.length);
  });

  test("are done once", async () => {
    vi.stubEnv("FCT_CACHE", stepwise);
    const last = plan.steps.at(-1);
    const record = join(stepwise, (last?.artifact ?? "").replace("safetensors", "json"));
    const before = readFileSync(record, "utf8");
    await step(last?.key ?? "");
    expect(readFileSync(record, "utf8")).toBe(before);
  });

  test("do not begin without their inputs, which they name", async () => {
    vi.stubEnv("FCT_CACHE", stepwise);
    const last = plan.steps.findLast(({ inputs }) => inputs.length > 0);
    const input = plan.steps.find(({ key }) => key === last?.inputs[0]);
    const paths = [last, input].map((each) => join(stepwise, each?.artifact ?? ""));
    for (const path of paths) rmSync(path);
    await expect(step(last?.key ?? "")).rejects.toThrow(
      `${paths[1]}: is missing: step ${last?.key} reads ${input?.label}; run step ${input?.key} first`,
    );
    expect(paths.map((path) => existsSync(path))).toEqual([false, false]);
    for (const each of [input, last]) await step(each?.key ?? "");
    expect(artifacts(stepwise)).toEqual(artifacts(whole));
  });
});
