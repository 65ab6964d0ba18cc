import { describe, expect, it } from "vitest";
import { adapterKinds } from "../../lib/adapters/kind";
import { learnAdapter } from "../../lib/adapters/learn";
import { matrixSource, rowSplit } from "../../lib/adapters/pairs/pairs";
import { spreadGap } from "../../lib/adapters/space";
import type { Artifact } from "../../lib/core/artifacts/store";
import { type Matrix, matrix, selectRows } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import { evaluateRetrieval } from "../../lib/retrieval/evaluate";
import { tf } from "../../lib/tf/tensorflow";
import { normalRows } from "../retrieval/normal-rows";

const items = 400;

/** Embeddings of classes on a few directions, as a linear map of hidden features makes them. */
function space(name: string, hidden: Matrix, columns: number): Matrix {
  const stream = random(name, "mixing");
  const mixing = Float64Array.from({ length: hidden.columns * columns }, () => stream.normal());
  const found = matrix(hidden.rows, columns);
  for (let i = 0; i < hidden.rows; i++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let k = 0; k < hidden.columns; k++) {
        sum += (hidden.data[i * hidden.columns + k] as number) * (mixing[k * columns + c] as number);
      }
      found.data[i * columns + c] = sum + 0.05 * stream.normal();
    }
  }
  return found;
}

const hidden = normalRows("hidden", items, 5);
const [old, next] = [space("old", hidden, 8), space("new", hidden, 6)];
const pairs = { from: matrixSource("old", old), side: null, to: matrixSource("new", next) };
const small = { epochs: 6, inner: 16, batchSize: 64, learningRate: 2e-3, rank: 3 } as const;

function context(checkpoint: { saved: Artifact | null } = { saved: null }, stopAfter = Number.POSITIVE_INFINITY) {
  const controller = new AbortController();
  let saves = 0;
  return {
    checkpoint: {
      load: () => checkpoint.saved,
      save: (state: Artifact) => {
        checkpoint.saved = structuredClone(state);
        if (++saves >= stopAfter) controller.abort(new Error("stopped"));
      },
    },
    progress: { report: () => {} },
    signal: controller.signal,
  };
}

describe("an adapter of kind", () => {
  it.each(adapterKinds)("%s learns from pairs", async (kind) => {
    const tensors = tf.memory().numTensors;
    const { quality, weights, training } = await learnAdapter({ pairs, kind, ...small }, context());
    const variance = next.data.reduce((sum, value) => sum + value ** 2, 0) / next.data.length;
    if (training === null || kind === "residual") expect(quality.loss).toBeLessThan(0.8 * variance);
    else expect(training.heldOutLosses.at(-1)).toBeLessThan(training.heldOutLosses[0] as number);
    expect(quality.pairs).toBe(40);
    expect(quality.recallAt10).toBeGreaterThan(0.25);
    expect(weights["space.from.mean"]?.shape).toEqual([8]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it.each(["fct", "linear"] as const)("%s uses side-information", async (kind) => {
    const half = space(
      "half",
      matrix(
        items,
        2,
        hidden.data.filter((_, i) => i % 5 < 2),
      ),
      4,
    );
    const rest = space(
      "rest",
      matrix(
        items,
        3,
        hidden.data.filter((_, i) => i % 5 >= 2),
      ),
      4,
    );
    const [from, side] = [matrixSource("half", half), matrixSource("rest", rest)];
    const without = await learnAdapter({ pairs: { ...pairs, from }, kind, ...small, epochs: 10 }, context());
    const withSide = await learnAdapter({ pairs: { ...pairs, from, side }, kind, ...small, epochs: 10 }, context());
    expect(withSide.quality.loss).toBeLessThan(0.7 * without.quality.loss);
  });
});

describe("a trained adapter", () => {
  it("is the one of its best epoch, and the same after a stop", async () => {
    const whole = await learnAdapter({ pairs, kind: "fct", ...small }, context());
    const { bestEpoch, heldOutLosses } = whole.training ?? { bestEpoch: 0, heldOutLosses: [] };
    expect(heldOutLosses.length).toBe(6);
    expect(heldOutLosses[bestEpoch - 1]).toBe(Math.min(...heldOutLosses));
    expect(whole.quality.loss).toBeCloseTo(Math.min(...heldOutLosses), 6);
    const checkpoint: { saved: Artifact | null } = { saved: null };
    await expect(learnAdapter({ pairs, kind: "fct", ...small }, context(checkpoint, 3))).rejects.toThrow("stopped");
    expect(checkpoint.saved).not.toBeNull();
    const continued = await learnAdapter({ pairs, kind: "fct", ...small }, context(checkpoint));
    expect(continued).toEqual(whole);
  });
});

it("needs no context to learn", async () => {
  expect(await learnAdapter({ pairs, kind: "fct", ...small })).toEqual(
    await learnAdapter({ pairs, kind: "fct", ...small }, context()),
  );
});

describe("the measures of held-out pairs", () => {
  it("are of one view of each item, so that no other view of it is found", async () => {
    const labels = Int32Array.from({ length: items }, (_, row) => row % (items / 2));
    const { quality, learnedPairs } = await learnAdapter({ pairs, labels, views: 2, kind: "linear" }, context());
    expect([quality.pairs, learnedPairs]).toEqual([20, 360]);
    // Every item is a class of its own.
    expect(quality.top1).toBeNull();
  });

  it("say in both directions what share of the gap is closed", async () => {
    const labels = Int32Array.from({ length: items }, (_, i) => Math.round(hidden.data[i * 5] as number));
    const { heldOut } = rowSplit(items, { heldOut: 0.1, seed: 0, views: 1 });
    // Of the two, the model of more dimensions finds more.
    const [before, after] = [next, old].map((space) => {
      const vectors = selectRows(space, heldOut);
      const classes = Float64Array.from(heldOut, (row) => labels[row] as number);
      return evaluateRetrieval({ gallery: vectors, query: vectors, labels: classes, excludeSelf: true }).top1;
    }) as [number, number];
    expect(after).toBeGreaterThan(before);
    for (const direction of ["gallery", "query"] as const) {
      const sides = direction === "query" ? pairs : { ...pairs, from: pairs.to, to: pairs.from };
      const { quality } = await learnAdapter({ pairs: sides, kind: "linear", direction, labels }, context());
      const { mapped = Number.NaN, ...top1 } = quality.top1 ?? {};
      expect(top1).toEqual({ before, after, gapClosed: (mapped - before) / (after - before) });
      expect(quality.cosine).toBeGreaterThan(0.9);
      expect(quality.recallAt10).toBeGreaterThan(0.7);
    }
  });
});

describe("the fingerprint of a space", () => {
  it("knows other vectors of it, and tells those of another network from it", async () => {
    const { weights } = await learnAdapter({ pairs, kind: "linear" }, context());
    expect(spreadGap("from", weights, space("old", normalRows("others", items, 5), 8))).toBeLessThan(0.4);
    expect(spreadGap("from", weights, space("another", hidden, 8))).toBeGreaterThan(1);
  });
});

/** A source of the same vectors but for one value. */
function changed({ rows, columns, data }: Matrix, at: number, value: number) {
  return matrixSource("changed", matrix(rows, columns, data.with(at, value)));
}

describe("pairs and options without meaning are refused:", () => {
  const level = matrixSource("level", matrix(items, 8));
  const short = matrixSource("short", normalRows("short", 9, 6));
  it.each([
    ["no epochs", { epochs: 0 }, /epochs: expected a whole number/],
    ["all held out", { heldOut: 1 }, /held-out share: expected a number between 0 and 1, got 1/],
    ["too few labels", { labels: [1, 2] }, /labels: expected one for each of 400 pairs, got 2/],
    ["too few rows", { pairs: { ...pairs, to: short } }, /rows of short: expected 400/],
    [
      "NaN in the first space",
      { pairs: { ...pairs, from: changed(old, 8 * 17 + 3, Number.NaN) } },
      /values of changed: .* got NaN .* column 3$/,
    ],
    [
      "Infinity in the second space",
      { pairs: { ...pairs, to: changed(next, 6 * 399 + 5, Number.POSITIVE_INFINITY) } },
      /values of changed: .*finite.* column 5$/,
    ],
    [
      "-Infinity in side-information",
      { pairs: { ...pairs, side: changed(old, 0, Number.NEGATIVE_INFINITY) } },
      /values of changed: .* column 0$/,
    ],
    ["vectors that are all the same", { pairs: { ...pairs, from: level } }, /vectors of level: .*two that differ/],
  ])("%s", async (_, wrong, words) => {
    await expect(learnAdapter({ pairs, kind: "linear", ...wrong }, context())).rejects.toThrow(words);
  });

  it("say no share of the gap where the new model is worse than the old one", async () => {
    const labels = Int32Array.from({ length: items }, (_, i) => i % 4);
    const stream = random("classes");
    const near = (spread: number): Matrix =>
      matrix(
        items,
        4,
        Float32Array.from(
          { length: 4 * items },
          (_, at) => Number(at % 4 === (at >> 2) % 4) + spread * stream.normal(),
        ),
      );
    const worse = { from: matrixSource("old", near(0.1)), side: null, to: matrixSource("new", near(1)) };
    const { top1 } = (await learnAdapter({ pairs: worse, kind: "linear", labels }, context())).quality;
    expect(top1?.after).toBeLessThan(top1?.before as number);
    expect(top1?.gapClosed).toBeNull();
  });
});
