import { describe, expect, it } from "vitest";
import { type Matrix, matrix } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import type { StepContext } from "../../lib/core/step";
import type { Artifact } from "../../lib/core/store";
import { tf } from "../../lib/tf/tensorflow";
import { mapEmbeddings } from "../../lib/training/embed";
import { type TransformationRecipe, trainTransformation } from "../../lib/training/transformation";

const recipe: TransformationRecipe = {
  inner: 16,
  views: 1,
  optimizer: { kind: "adam", weightDecay: 0 },
  schedule: { learningRate: 1e-3, epochs: 4, warmup: 1 },
  batchSize: 32,
  frozenNormShare: 0.5,
  seed: 1,
};

const rows = 100;
const embedding = (name: string, columns: number): Matrix => {
  const values = matrix(rows, columns);
  const stream = random(5, name);
  values.data.forEach((_, index) => {
    values.data[index] = stream.uniform(-1, 1);
  });
  return values;
};
const data = { old: embedding("old", 6), side: embedding("side", 4), target: embedding("target", 5) };

/** A context that stops the work once `stopAfter` checkpoints are saved. */
function context(saved: Artifact[], stopAfter: number = Number.POSITIVE_INFINITY): StepContext {
  const stop = new AbortController();
  const save = (state: Artifact): void => {
    saved.push(structuredClone(state));
    if (saved.length >= stopAfter) stop.abort();
  };
  return {
    checkpoint: { load: () => saved.at(-1) ?? null, save },
    progress: { report: () => {} },
    signal: stop.signal,
  };
}

describe("a training", () => {
  it("gives the same bytes again, and when it was interrupted after any epoch (a smaller last batch, both modes)", async () => {
    const tensors = tf.memory().numTensors;
    const straight = await trainTransformation(recipe, data, context([]));
    expect(await trainTransformation(recipe, data, context([]))).toEqual(straight);
    for (const epochs of [1, 2, 3]) {
      const saved: Artifact[] = [];
      await expect(trainTransformation(recipe, data, context(saved, epochs))).rejects.toThrow(/abort/i);
      expect(await trainTransformation(recipe, data, context(saved))).toEqual(straight);
    }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("maps rows with h as one batch would, and leaves no tensor", async () => {
    const { weights } = await trainTransformation(recipe, data, context([]));
    const tensors = tf.memory().numTensors;
    const mapped = await mapEmbeddings(weights, data);
    expect([mapped.rows, mapped.columns, tf.memory().numTensors]).toEqual([rows, 5, tensors]);
    const first = { rows: 1, columns: 6, data: data.old.data.slice(0, 6) };
    const one = await mapEmbeddings(weights, {
      old: first,
      side: { rows: 1, columns: 4, data: data.side.data.slice(0, 4) },
    });
    expect(one.data).toEqual(mapped.data.slice(0, 5));
  });
});
