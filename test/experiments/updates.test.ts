import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { artifactPath } from "../../lib/core/artifacts/obtain";
import { readArtifact } from "../../lib/core/artifacts/store";
import { changesByClass, testEmbeddings, testSplit } from "../../lib/experiments/look";
import type { SideInformation } from "../../lib/experiments/model/model";
import type { ResultRow, TableResult } from "../../lib/experiments/results/result";
import { parseResult, resultJson } from "../../lib/experiments/results/result-file";
import { runTable } from "../../lib/experiments/run";
import { trainingOf } from "../../lib/experiments/steps/training";
import { fingerprintOf } from "../../lib/experiments/table-work";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { mapEmbeddings } from "../../lib/training/embed";
import { toyShapes } from "../training/shapes-toy";
import { toyModels, toyUpdates } from "./toy-updates";

let folder = "";
let result: TableResult;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fct-updates-"));
  vi.stubEnv("FCT_CACHE", join(folder, "cache"));
  const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  result = await runTable(toyUpdates, { scale: "tiny", compute: true, progress: "notebook" });
  output.mockRestore();
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const rowOf = (id: string): ResultRow => {
  const row = result.rows.find((candidate) => candidate.id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
};

describe("a table of updates", () => {
  test("is written and read back as it is, groups, cells, curves and notes included", () => {
    expect(parseResult(resultJson(result), "memory")).toEqual(result);
    expect(rowOf("chain").group).toBe("first");
    expect(rowOf("old-old").cell).toEqual({ panel: "toy", row: "old", column: "old" });
    expect(result.notes).toEqual(["a note"]);
  });

  test("measures a row's gap between its own ends", () => {
    const [first, chained, last, fct, old] = ["first-first", "chain", "new-new", "fct", "old-old"].map(
      (id) => rowOf(id).metrics.mAP.mean,
    ) as [number, number, number, number, number];
    const agrees = (share: number | null, value: number, from: number, to: number): void => {
      if (to <= from) expect(share).toBeNull();
      // Both sides are rounded to four decimals, which a small gap magnifies.
      else expect((share ?? 0) / ((100 * (value - from)) / (to - from))).toBeCloseTo(1, 2);
    };
    agrees(rowOf("chain").gapClosed.mAP, chained, first, last);
    agrees(rowOf("fct").gapClosed.mAP, fct, old, last);
    agrees(rowOf("bct").gapClosed.mAP, rowOf("bct").metrics.mAP.mean, old, last);
  });

  test("has flips whose difference is the change of top-1", () => {
    const { details } = rowOf("fct");
    const change = rowOf("fct").metrics.top1.mean - rowOf("old-old").metrics.top1.mean;
    expect(details?.accuracyChange?.mean).toBeCloseTo(change, 3);
    expect((details?.positive?.mean ?? 0) - (details?.negative?.mean ?? 0)).toBeCloseTo(change, 3);
    expect(details?.size).toEqual({ mean: 8, sd: null, n: 1 });
    expect(details?.samePairs?.mean).toBeGreaterThan(0);
    expect(details?.samePairs?.mean).toBeLessThanOrEqual(100);
  });

  test("has a tax of what the aligned model loses on its own gallery", async () => {
    const { labels } = await testSplit(toyShapes);
    const { next, l2 } = toyModels(0);
    const top1 = async (model: typeof next | typeof l2): Promise<number> => {
      const embeddings = await testEmbeddings(model, toyShapes);
      return 100 * evaluateRetrieval({ gallery: embeddings, query: embeddings, labels, excludeSelf: true }).top1;
    };
    expect(rowOf("l2").details?.tax?.mean).toBeCloseTo((await top1(next)) - (await top1(l2)), 3);
  });

  test("backfills from the upgraded gallery to the new model's own; metrics are the curve's means", () => {
    for (const id of ["random", "fastfill", "hindsight"]) {
      const { curve, metrics } = rowOf(id);
      expect(curve?.shares.length).toBe(22);
      expect([curve?.shares[0], curve?.shares[21]]).toEqual([0, 1]);
      for (const name of ["top1", "top5", "mAP"] as const) {
        const values = curve?.[name] ?? [];
        expect(metrics[name].mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 22, 2);
        expect(values[21]).toBeCloseTo(rowOf("new-new").metrics[name].mean, 3);
      }
    }
    expect(rowOf("random").curve?.mAP[0]).toBeCloseTo(rowOf("fct").metrics.mAP.mean, 3);
    expect(rowOf("fastfill").curve?.mAP[0]).toBe(rowOf("hindsight").curve?.mAP[0]);
  });

  test("counts the updates of a sequence that gain", () => {
    const gained = rowOf("chain").metrics.top1.mean > rowOf("first-first").metrics.top1.mean;
    expect(rowOf("chain").details?.averageCompatibility?.mean).toBe(gained ? 100 : 0);
  });

  test("has other fingerprints with other measures, notes, groups and measurements", () => {
    const own = fingerprintOf(toyUpdates, "tiny", [0]);
    const changed = (row: (row: ReturnType<typeof toyUpdates.rows>[number]) => object): string =>
      fingerprintOf(
        {
          ...toyUpdates,
          rows: (scale, seed) => toyUpdates.rows(scale, seed).map((each) => ({ ...each, ...row(each) })),
        },
        "tiny",
        [0],
      );
    const others = [
      fingerprintOf({ ...toyUpdates, notes: [] }, "tiny", [0]),
      fingerprintOf({ ...toyUpdates, measures: [] }, "tiny", [0]),
      changed(({ group }) => (group === undefined ? {} : { group: "other" })),
      changed(({ measurements }) => (measurements === undefined ? {} : { measurements: [] })),
      changed(({ backfill }) => (backfill === undefined ? {} : { backfill: { ...backfill, seed: 9 } })),
      changed(({ cell }) => (cell === undefined ? {} : { cell: { ...cell, panel: "other" } })),
    ];
    expect(new Set([own, ...others]).size).toBe(1 + others.length);
  });
});

test("a chain maps what its first map made by its second", async () => {
  const { chained } = toyModels(0);
  const { first, then } = chained;
  const once = await testEmbeddings(first, toyShapes);
  const side = await testEmbeddings(first.side as SideInformation, toyShapes);
  const { arrays } = readArtifact(artifactPath(join(folder, "cache"), trainingOf(then)));
  const { embeddings } = mapEmbeddings(then.recipe, arrays, { old: once, side });
  expect((await testEmbeddings(chained, toyShapes)).data).toEqual(embeddings.data);
  expect((await testEmbeddings(then, toyShapes)).data).not.toEqual(embeddings.data);
});

test("changes by class add up to the change of top-1", async () => {
  const { old, next, h12 } = toyModels(0);
  const changes = await changesByClass({ query: old, gallery: old }, { query: next, gallery: h12 }, toyShapes);
  const mean = changes.reduce((sum, { before, after }) => sum + after - before, 0) / changes.length;
  const top1 = (id: string): number => rowOf(id).perSeed[0]?.top1 ?? Number.NaN;
  // Every class has as many queries as any other.
  expect(mean).toBeCloseTo(top1("fct") - top1("old-old"), 3);
});
