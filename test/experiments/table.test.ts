import { afterEach, describe, expect, test, vi } from "vitest";
import { aligned, backbone, compatible, sideInformation, upgrade } from "../../lib/experiments/model/construct";
import { runTable } from "../../lib/experiments/run";
import { trainingOf } from "../../lib/experiments/steps/training";
import type { Table } from "../../lib/experiments/table";
import { atPrecision } from "../../lib/experiments/table";
import { fingerprintOf, requestsOf } from "../../lib/experiments/table-work";
import { bfloat16Lack } from "../../lib/tf/device";
import type { Precision } from "../../lib/tf/graph/precision";
import { temporaryFolder } from "../temporary-folder";
import { toyBackbone, toySimclr, toyTransformation } from "../training/shapes-toy";
import { toyTable } from "./toy-table";
import { toyUpdates } from "./toy-updates";

describe("the key of a training", () => {
  const models = (said: { readonly precision?: Precision }) => {
    const old = backbone({ ...toyBackbone, ...said });
    const side = sideInformation({ ...toySimclr, ...said });
    const recipe = { ...toyTransformation, ...said };
    return [
      old,
      side,
      compatible({ ...toyBackbone, ...said, seed: 1 }, { old }),
      aligned({ ...toyBackbone, ...said, seed: 1 }, { old }),
      upgrade(old, { target: old, side, recipe }),
    ];
  };
  const keys = (said: { readonly precision?: Precision }) => models(said).map((model) => trainingOf(model).key);

  test("is the recorded one in float32, whether a recipe says so or not", () => {
    const recorded = [
      "8e18e7e8a58680eca603fcef5fc4a27b",
      "ca8426eb4afa9be81b93af0328029d0a",
      "ae5cb1250a41d7f76ca2f357774538fe",
      "5e25f35651ea6d2932182ceb1b95fdaa",
      "24009bfa442dc466cfa59567607f6af6",
    ];
    expect(keys({})).toEqual(recorded);
    expect(keys({ precision: "float32" })).toEqual(recorded);
  });

  test("is another one at bfloat16", () => {
    const all = new Set([...keys({}), ...keys({ precision: "bfloat16" })]);
    expect(all.size).toBe(2 * keys({}).length);
  });
});

describe("a table at bfloat16", () => {
  // Numbers that follow from the declaration are computed in neither.
  const keysOf = (table: Table) =>
    requestsOf(table, { scale: "tiny", seeds: 1 }).flatMap(({ kind, key }) => (kind === "known" ? [] : [key]));

  test("is another table, which says so", () => {
    const mixed = atPrecision(toyTable, "bfloat16");
    expect([mixed.id, mixed.title]).toEqual(["toy-bfloat16", "The main table in small, computed in bfloat16"]);
    expect(fingerprintOf(mixed, "tiny", [0])).not.toBe(fingerprintOf(toyTable, "tiny", [0]));
    expect(atPrecision(toyTable, "float32")).toBe(toyTable);
  });

  test.each([toyTable, toyUpdates])("computes nothing in float32: table $id", (table) => {
    const mixed = atPrecision(table, "bfloat16");
    const shared = keysOf(mixed).filter((key) => keysOf(table).includes(key));
    expect(shared).toEqual([]);
    const recipes = JSON.stringify(mixed.rows("tiny", 0)).split('"recipe":').length - 1;
    const said = JSON.stringify(mixed.rows("tiny", 0)).split('"precision":"bfloat16"').length - 1;
    expect(said).toBe(recipes);
    expect(recipes).toBeGreaterThan(0);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test("runs, every step as a graph; a processor without the units is told to be slow, once a training", async () => {
    const folder = temporaryFolder();
    vi.stubEnv("FCT_CACHE", folder);
    let written = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written += text;
      return true;
    });
    const rows = (scale: string, seed: number) => toyTable.rows(scale, seed).filter(({ id }) => id === "fct-none");
    const table = { ...toyTable, gap: null, rows };
    const precision = "bfloat16" as const;
    const result = await runTable(table, { scale: "tiny", seeds: 1, compute: true, progress: "notebook", precision });
    expect(result.table).toBe("toy-bfloat16");
    expect(result.fingerprint).toBe(fingerprintOf(atPrecision(table, precision), "tiny", [0]));
    expect(result.rows.map(({ metrics }) => metrics.top1.mean > 0)).toEqual([true]);
    expect(written).not.toContain("op by op");
    const trainings = bfloat16Lack() === null ? 0 : 3;
    expect(written.split("bfloat16 will be slow").length - 1).toBe(trainings);
  });
});
