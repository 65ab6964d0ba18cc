import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fittedHead } from "../../lib/adapters/uncertainty-head";
import { artifactPath } from "../../lib/core/artifacts/obtain";
import type { Request } from "../../lib/core/artifacts/step";
import { readArtifact } from "../../lib/core/artifacts/store";
import { type Matrix, matrix } from "../../lib/core/matrix";
import { changesByClass, testEmbeddings, testSplit } from "../../lib/experiments/look";
import { upgrade } from "../../lib/experiments/model/construct";
import { describe as describeModel } from "../../lib/experiments/model/describe";
import type { SideInformation } from "../../lib/experiments/model/model";
import type { ResultRow, TableResult } from "../../lib/experiments/results/result";
import { parseResult, resultJson } from "../../lib/experiments/results/result-file";
import { runTable } from "../../lib/experiments/run";
import { trainingViews } from "../../lib/experiments/steps/image-training";
import { measurementsOf } from "../../lib/experiments/steps/measurement";
import { trainingOf } from "../../lib/experiments/steps/training";
import { fingerprintOf } from "../../lib/experiments/table-work";
import { backfillCurve } from "../../lib/retrieval/backfill";
import { backfillOrder } from "../../lib/retrieval/backfill-order";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { principalComponents, project } from "../../lib/statistics/principal-components";
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

/** Logarithms of the probabilities that a model's classifier gives to each class, by plain arithmetic. */
function logProbabilities(model: ReturnType<typeof toyModels>["next"], { rows, columns, data }: Matrix): number[][] {
  const { arrays } = readArtifact(artifactPath(join(folder, "cache"), trainingOf(model)));
  const { data: weights, shape } = arrays.classifier ?? { data: [], shape: [0, 0] };
  const [, classes = 0] = shape;
  return Array.from({ length: rows }, (_, item) => {
    const embedding = data.subarray(item * columns, (item + 1) * columns);
    const logits = Array.from({ length: classes }, (__, c) =>
      embedding.reduce((sum, value, d) => sum + value * (weights[d * classes + c] ?? 0), 0),
    );
    const most = Math.max(...logits);
    const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0)) + most;
    return logits.map((logit) => logit - total);
  });
}

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
    for (const id of ["random", "random-4", "fastfill", "entropy", "true-loss", "hindsight"]) {
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
    for (const id of ["entropy", "true-loss", "hindsight"]) {
      expect(rowOf(id).curve?.mAP[0]).toBe(rowOf("fastfill").curve?.mAP[0]);
    }
  });

  test("averages a random order over its permutations, the first of which is the order of one", async () => {
    const { labels } = await testSplit(toyShapes);
    const { next, h12 } = toyModels(0);
    const [gallery, query] = [await testEmbeddings(h12, toyShapes), await testEmbeddings(next, toyShapes)];
    const curves = [0, 1, 2, 3].map((permutation) => {
      const order = backfillOrder(labels.length, { kind: "random", seed: 0, permutation });
      return backfillCurve({ gallery, next: query, query, labels, order, excludeSelf: true });
    });
    const at = (point: number): number => curves.reduce((sum, { mAP }) => sum + 25 * (mAP[point] ?? 0), 0);
    for (const point of [0, 7, 15]) expect(rowOf("random-4").curve?.mAP[point]).toBeCloseTo(at(point), 3);
    expect(rowOf("random").curve?.mAP[7]).toBeCloseTo(100 * (curves[0]?.mAP[7] ?? 0), 3);
    expect(new Set(curves.map(({ mAP }) => mAP[7])).size).toBeGreaterThan(1);
  });

  test("orders by the new classifier's entropy and true loss as plain arithmetic does", async () => {
    const { labels } = await testSplit(toyShapes);
    const { next, uncertain } = toyModels(0);
    const [gallery, query] = [await testEmbeddings(uncertain, toyShapes), await testEmbeddings(next, toyShapes)];
    const logarithms = logProbabilities(next, gallery);
    const scores = {
      entropy: logarithms.map((row) => -row.reduce((sum, value) => sum + Math.exp(value) * value, 0)),
      "true-loss": logarithms.map((row, item) => -(row[labels[item] ?? -1] ?? 0)),
    };
    for (const [id, score] of Object.entries(scores)) {
      const order = backfillOrder(labels.length, { kind: "score", score: Float32Array.from(score) });
      const { mAP } = backfillCurve({ gallery, next: query, query, labels, order, excludeSelf: true });
      expect(rowOf(id).curve?.mAP[9]).toBeCloseTo(100 * (mAP[9] ?? 0), 1);
    }
  });

  test("tells how well FastFill's h knows its error, and of no other gallery", () => {
    const { rankCorrelation = { mean: Number.NaN }, trueError, predictedError } = rowOf("fastfill").details ?? {};
    expect(Math.abs(rankCorrelation.mean)).toBeLessThanOrEqual(1);
    expect(trueError?.mean).toBeGreaterThan(0);
    expect(predictedError?.mean).toBeGreaterThan(0);
    const { next, h12, old } = toyModels(0);
    for (const gallery of [h12, old]) {
      const row = { query: next, gallery, dataset: toyShapes, measurements: [{ kind: "calibration" }] } as const;
      expect(() => measurementsOf(row)).toThrow(/^calibration: expected a gallery mapped by FastFill's h/);
    }
  });

  test("fits another head on held-out images, by the errors there of h and of the classifier", async () => {
    const { unseen } = toyModels(0);
    const { dataset } = unseen.target.recipe;
    const { labels } = await testSplit(dataset);
    const [mapped, real] = [await testEmbeddings(unseen, dataset), await testEmbeddings(unseen.target, dataset)];
    const logarithms = logProbabilities(unseen.target, mapped);
    const errors = Float64Array.from(labels, (label, item) => {
      const own = (matrix: Matrix) => matrix.data.subarray(item * matrix.columns, (item + 1) * matrix.columns);
      const squares = own(mapped).map((value, d) => (value - (own(real)[d] ?? 0)) ** 2);
      return squares.reduce((sum, square) => sum + square, 0) / squares.length - (logarithms[item]?.[label] ?? 0);
    });
    const head = await fittedHead(mapped, errors);
    const [gallery, next] = [await testEmbeddings(unseen, toyShapes), await testEmbeddings(unseen.target, toyShapes)];
    const order = backfillOrder(gallery.rows, { kind: "score", score: head(gallery) });
    const all = (await testSplit(toyShapes)).labels;
    const { mAP } = backfillCurve({ gallery, next, query: next, labels: all, order, excludeSelf: true });
    const [own, fitted] = [rowOf("held-own"), rowOf("held-fitted")];
    for (const point of [4, 9, 15]) expect(fitted.curve?.mAP[point]).toBeCloseTo(100 * (mAP[point] ?? 0), 3);
    expect(fitted.curve?.mAP[0]).toBe(own.curve?.mAP[0]);
    expect(fitted.curve?.mAP).not.toEqual(own.curve?.mAP);
    const predicted = head(gallery).reduce((sum, s) => sum + Math.exp(s), 0) / gallery.rows;
    expect(fitted.details?.predictedError?.mean).toBeCloseTo(predicted, 3);
  });

  test("compares directions where a row says so", async () => {
    const { labels } = await testSplit(toyShapes);
    const { means, l2Alone, old } = toyModels(0);
    const gallery = await testEmbeddings(old, toyShapes);
    for (const [id, model] of [
      ["means", means],
      ["l2-alone", l2Alone],
    ] as const) {
      const query = await testEmbeddings(model, toyShapes);
      const { mAP } = evaluateRetrieval({ query, gallery, labels, excludeSelf: true, distance: "cosine" });
      expect(rowOf(id).metrics.mAP.mean).toBeCloseTo(100 * mAP, 3);
    }
  });

  test("stores principal components of the side-information, found in the old model's training images", async () => {
    const { old, reduced } = toyModels(0);
    const read = (request: Request) => readArtifact(artifactPath(join(folder, "cache"), request)).arrays;
    const views = read(trainingViews(reduced.side ?? old, old, reduced.recipe)).embeddings;
    const [rows = 0, columns = 0] = views?.shape ?? [];
    const components = principalComponents(matrix(rows, columns, views?.data as Float32Array), 2);
    const whole = await testEmbeddings(reduced.side ?? old, toyShapes);
    const stored = { old: await testEmbeddings(old, toyShapes), side: project(whole, components) };
    expect(stored.side.columns).toBe(2);
    const { embeddings } = mapEmbeddings(reduced.recipe, read(trainingOf(reduced)), stored);
    const found = await testEmbeddings(reduced, toyShapes);
    expect(Math.max(...found.data.map((value, i) => Math.abs(value - (embeddings.data[i] ?? 0))))).toBeLessThan(1e-4);
    expect(describeModel(reduced)).toContain("2 components of SimCLR");
    expect(() => upgrade(old, { target: reduced.target, side: null, sideComponents: 2 })).toThrow(/components/);
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
