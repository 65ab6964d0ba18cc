import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testEmbeddings, testSplit } from "../../lib/experiments/look";
import { adaptedTo } from "../../lib/experiments/model/construct";
import { describe as named } from "../../lib/experiments/model/describe";
import { dimensionsOf, modelsIn, storedModel } from "../../lib/experiments/model/model";
import type { ResultRow, TableResult } from "../../lib/experiments/results/result";
import { runTable } from "../../lib/experiments/run";
import { trainingOf } from "../../lib/experiments/steps/training";
import type { Row, Table } from "../../lib/experiments/table";
import { reseeded } from "../../lib/own/reseeded";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { toyShapes } from "../training/shapes-toy";
import { toyModels } from "./toy-updates";

const { old, next, side } = (() => {
  const { old, next, h12 } = toyModels(0);
  return { old, next, side: h12.side };
})();
const learning = { views: 2, epochs: 3, inner: 8, rank: 3, batchSize: 16 } as const;
const linear = adaptedTo(old, { target: next, kind: "linear", ...learning });
const back = adaptedTo(old, { target: next, kind: "procrustes", direction: "query", ...learning });
const sided = adaptedTo(old, { target: next, side, kind: "fct", share: 0.9, ...learning });

const own = { query: next, gallery: next };
const row = (id: string, query: Row["query"], gallery: Row["gallery"], adapter: typeof linear | null = null): Row => ({
  ...{ id, label: id, query, gallery, dataset: toyShapes, reported: [] },
  measurements: [
    { kind: "neighbours", own },
    ...(adapter === null
      ? []
      : ([
          { kind: "adapter", model: adapter },
          { kind: "mapping-time", model: adapter },
        ] as const)),
  ],
});

const table: Table = {
  id: "toy-adapters",
  title: "Adapters in small",
  notebook: "none",
  scales: { tiny: { seeds: 1, dataset: "drawn shapes" } },
  gap: { from: "old-old", to: "new-new" },
  measures: ["neighbourRecall", "microseconds", "bytes", "pairs"].map((id) => ({ id, title: id, decimals: 1 })),
  rows: () => [
    row("old-old", old, old),
    row("linear", next, linear, linear),
    row("back", back, old, back),
    row("side", next, sided, sided),
    row("new-new", next, next),
  ],
};

let folder = "";
let result: TableResult;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fct-adapted-"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
  const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  result = await runTable(table, { scale: "tiny", compute: true, progress: "notebook" });
  output.mockRestore();
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const rowOf = (id: string): ResultRow => {
  const found = result.rows.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no row ${id}`);
  return found;
};

describe("a table of adapters", () => {
  test("evaluates mapped galleries and mapped queries", async () => {
    const { labels } = await testSplit(toyShapes);
    const of = (model: Row["query"]) => testEmbeddings(model, toyShapes);
    const both = [
      ["linear", await of(next), await of(linear)],
      ["back", await of(back), await of(old)],
    ] as const;
    for (const [id, query, gallery] of both) {
      const { top1 } = evaluateRetrieval({ query, gallery, labels, excludeSelf: true });
      expect(rowOf(id).metrics.top1.mean).toBeCloseTo(100 * top1, 3);
    }
  });

  test("measures what is found of the new model's own neighbours", () => {
    expect(rowOf("new-new").details?.neighbourRecall?.mean).toBe(100);
    for (const id of ["old-old", "linear", "back", "side"]) {
      const recall = rowOf(id).details?.neighbourRecall?.mean ?? Number.NaN;
      expect(recall).toBeGreaterThan(0);
      expect(recall).toBeLessThan(100);
    }
  });

  test("says what an adapter takes: pairs, bytes and time", () => {
    const { pairs, bytes, microseconds } = rowOf("linear").details ?? {};
    expect(bytes?.mean).toBe(4 * (8 * 8 + 8));
    expect((pairs?.mean ?? 0) % 2).toBe(0);
    expect(rowOf("side").details?.pairs?.mean).toBeLessThan(pairs?.mean ?? 0);
    expect(microseconds?.mean).toBeGreaterThan(0);
    expect(rowOf("new-new").details?.bytes).toBeUndefined();
  });

  test("draws no curves of its many trainings, and measures rows back on the gap too", () => {
    const labels = result.histories.map(({ label }) => label);
    expect(labels.some((label) => label.includes("adapter"))).toBe(false);
    expect(labels.length).toBe(3);
    const [from, to] = [rowOf("old-old").metrics.mAP.mean, rowOf("new-new").metrics.mAP.mean];
    expect(rowOf("back").gapClosed.mAP === null).toBe(to <= from);
  });
});

test("an adapter knows its ends", () => {
  expect(storedModel(linear)).toBe(old);
  expect(storedModel(back)).toBe(next);
  expect(modelsIn(sided)).toEqual([old, next, side, sided]);
  expect(dimensionsOf(back)).toBe(8);
  expect(named(back)).toBe("procrustes adapter (100 % of the images), new to old");
  expect(named(sided)).toContain("fct adapter (90 % of the images), SimCLR");
});

test("its seed is the target's, and every seed of a run has an adapter of its own", () => {
  expect(linear.recipe.seed).toBe(next.recipe.seed);
  const later = reseeded(linear, 1);
  expect(later).toMatchObject({ recipe: { seed: 1 }, old: { recipe: { seed: 1 } }, target: { recipe: { seed: 1 } } });
  expect(trainingOf(linear).key).not.toBe(trainingOf(later as typeof linear).key);
});

test.each([
  ["a share of none", { share: 0 }, /share of the training images: expected .*\(0, 1\], got 0/],
  ["views of half an image", { views: 0.5 }, /views.*0\.5/],
  ["an unknown kind", { kind: "spline" as "linear" }, /kind: expected .*procrustes.*spline/],
  ["side-information beside new queries", { side, direction: "query" as const }, /adapter of queries: expected null/],
])("an adapter with %s is refused", (_, options, message) => {
  expect(() => adaptedTo(old, { target: next, ...options })).toThrow(message);
});
