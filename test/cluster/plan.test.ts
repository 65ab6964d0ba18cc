import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Machine, type Plan, planJson, planOf, readPlan } from "../../lib/cluster/plan";
import { programHash } from "../../lib/cluster/program";
import { plannedRequest } from "../../lib/cluster/run-step";
import { graphOf } from "../../lib/core/artifacts/step";
import { requestsOf } from "../../lib/experiments/table-work";
import { tables } from "../../lib/tables/tables";
import { toyTable } from "../experiments/toy-table";
import { temporaryFolder } from "../temporary-folder";

const machine: Machine = { program: "abc", rate: 1e9, cores: 2, gpus: 0 };
const choices = { scale: "tiny", seeds: 2, precision: "float32" } as const;
const toyPlan = planOf([toyTable], choices, machine);

/** A plan in a file. */
function written(text: string): string {
  const file = join(temporaryFolder(), "plan.json");
  writeFileSync(file, text);
  return file;
}

describe("a plan", () => {
  test("holds every step that the table asks for once, after its inputs, and nothing else", () => {
    const declared = graphOf(requestsOf(toyTable, { scale: "tiny", seeds: 2 }));
    expect(toyPlan.steps.map(({ key }) => key)).toEqual(declared.map(({ key }) => key));
    const before = new Set<string>();
    for (const { key, kind, artifact, inputs } of toyPlan.steps) {
      expect(inputs.filter((input) => !before.has(input))).toEqual([]);
      expect(artifact).toBe(`${kind}-${key}.safetensors`);
      before.add(key);
    }
    expect(toyPlan.tables).toMatchObject([{ table: "toy", result: "toy", scale: "tiny", seeds: 2 }]);
    expect(toyPlan.tables[0]?.steps.every((key) => before.has(key))).toBe(true);
  });

  test("of all tables at the quick scale has each shared step once, with numbers that a scheduler takes", () => {
    const quick = tables.filter(({ scales }) => "quick" in scales);
    const plan = planOf(quick, { scale: "quick", seeds: null, precision: "float32" }, machine);
    expect(new Set(plan.steps.map(({ key }) => key)).size).toBe(plan.steps.length);
    expect(plan.tables.map(({ table }) => table)).toEqual(quick.map(({ id }) => id));
    for (const { seconds, memoryMiB, cores, gpus } of plan.steps) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(memoryMiB).toBeGreaterThan(1024);
      expect([cores, gpus]).toEqual([2, 0]);
    }
  });

  test("at bfloat16 has steps and results of its own", () => {
    const other = planOf([toyTable], { ...choices, precision: "bfloat16" }, machine);
    expect(other.tables[0]).toMatchObject({ table: "toy", result: "toy-bfloat16", precision: "bfloat16" });
    const keys = new Set(toyPlan.steps.map(({ key }) => key));
    expect(other.steps.filter(({ key }) => keys.has(key))).toEqual([]);
  });

  test("is read back as it was written", () => {
    expect(readPlan(written(planJson(toyPlan)))).toEqual(toyPlan);
  });

  test.each<[string, string, RegExp]>([
    ["no JSON", "{", /plan\.json: is not JSON; npm run fct -- plan makes one/],
    ["another version", planJson({ ...toyPlan, version: 2 } as unknown as Plan), /plan\.json, version: /],
    ["a step without a key", planJson(toyPlan).replace('"key":', '"kex":'), /plan\.json, steps\.0/],
    ["half a GPU", planJson(toyPlan).replace('"gpus":0', '"gpus":0.5'), /plan\.json, steps\.0\.gpus: /],
  ])("is refused with %s", (_, text, message) => {
    expect(() => readPlan(written(text))).toThrow(message);
  });

  test("that does not exist is refused", () => {
    expect(() => readPlan("/nowhere/plan.json")).toThrow("/nowhere/plan.json: does not exist; npm run fct -- plan");
  });
});

describe("a step of a plan", () => {
  const [step] = toyPlan.steps;
  const key = step?.key ?? "";

  test("is found again by its key", () => {
    for (const { key: wanted, label } of toyPlan.steps) {
      const found = plannedRequest(wanted, { file: "plan.json", plan: toyPlan }, [toyTable]);
      expect([found.key, found.label]).toEqual([wanted, label]);
    }
  });

  test("that the plan does not have is refused", () => {
    const unknown = "0".repeat(32);
    expect(() => plannedRequest(unknown, { file: "plan.json", plan: toyPlan }, [toyTable])).toThrow(
      `plan.json: expected the key of one of its ${toyPlan.steps.length} steps, got ${unknown}; take a key`,
    );
  });

  test.each([
    ["a table that is no longer declared", []],
    ["a table whose seeds have become others", [{ ...toyTable, rows: () => toyTable.rows("tiny", 7) }]],
  ])("of %s is refused", (_, declared) => {
    expect(() => plannedRequest(key, { file: "plan.json", plan: toyPlan }, declared)).toThrow(
      /plan\.json, step [0-9a-f]{32}: "convolution net .*" is no longer declared.*; make the plan again: npm run fct -- plan/,
    );
  });
});

describe("the hash of the compiled library", () => {
  test("changes with any script, by content, name and place, and with nothing else", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "deep"));
    const hashes = [
      ["a.js", "1"],
      ["a.js", "2"],
      ["deep/b.js", "2"],
      ["deep/c.wasm", "2"],
    ].map(([name = "", content = ""]) => {
      writeFileSync(join(folder, name), content);
      return programHash(folder);
    });
    expect(new Set(hashes).size).toBe(hashes.length);
    writeFileSync(join(folder, "a.d.ts"), "1");
    writeFileSync(join(folder, ".dist.stamp"), "1");
    expect(programHash(folder)).toBe(hashes.at(-1));
    expect(hashes.at(-1)).toMatch(/^[0-9a-f]{64}$/);
  });
});
