import { describe, expect, it } from "vitest";
import { adapterKinds } from "../../lib/adapters/kind";
import { learnAdapter } from "../../lib/adapters/learn";
import { matrixSource } from "../../lib/adapters/pairs/pairs";
import { spreadGap } from "../../lib/adapters/space";
import type { Artifact } from "../../lib/core/artifacts/store";
import { type Matrix, matrix } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import { tf } from "../../lib/tf/tensorflow";
import { normalRows, randomLabels } from "../retrieval/normal-rows";

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
  it("say in both directions what share of the gap is closed", async () => {
    const labels = randomLabels("labels", items, 8);
    for (const direction of ["gallery", "query"] as const) {
      const sides = direction === "gallery" ? pairs : { ...pairs, from: pairs.to, to: pairs.from };
      const { quality } = await learnAdapter({ pairs: sides, kind: "linear", direction, labels }, context());
      expect(quality.top1?.mapped).toBeGreaterThanOrEqual(0);
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

describe("input without meaning", () => {
  it.each([
    [{ epochs: 0 }, /epochs: expected a whole number/],
    [{ heldOut: 1 }, /held-out share: expected a number between 0 and 1, got 1/],
    [{ labels: [1, 2] }, /labels: expected one for each of 400 pairs, got 2/],
    [{ pairs: { ...pairs, to: matrixSource("short", normalRows("short", 9, 6)) } }, /rows of short: expected 400/],
  ])("%j is refused", async (wrong, words) => {
    await expect(learnAdapter({ pairs, kind: "linear", ...wrong }, context())).rejects.toThrow(words);
  });
});
