import { beforeAll, describe, expect, test } from "vitest";
import { row } from "../../lib/core/matrix";
import { loadDataset } from "../../lib/data/load-dataset";
import type { Dataset } from "../../lib/data/splits/dataset";
import { marginLogits } from "../../lib/losses/margin";
import { tf } from "../../lib/tf/tensorflow";
import { type BackboneRecipe, trainBackbone } from "../../lib/training/backbone";
import { type BackboneLoss, classifierLogits, normalisesEmbeddings } from "../../lib/training/backbone-loss";
import { embedImages } from "../../lib/training/embed";
import type { OldModel } from "../../lib/training/old-term";
import { trainSideInformation } from "../../lib/training/side-information";
import { bytesOf } from "../bytes-of";
import { expectClose, normals } from "../losses/agreement";
import { toyBackbone, toyContext, toyShapes, toySimclr } from "./shapes-toy";

const architecture = toyBackbone.architecture;
/** One loss of each kind. */
const byKind: Readonly<Record<Exclude<BackboneLoss["kind"], "own">, BackboneLoss>> = {
  arcface: { kind: "arcface", scale: 8, margin: 0.2 },
  cosface: { kind: "cosface", scale: 8, margin: 0.1 },
  "normalised-softmax": { kind: "normalised-softmax", scale: 8 },
  triplet: { kind: "triplet", margin: 0.3, perClass: 4 },
};

let dataset: Dataset;
beforeAll(async () => {
  dataset = await loadDataset({ ...toyShapes, perClass: 2, labels: "colour" });
});

const recipeWith = (loss: BackboneLoss | undefined, more: Partial<BackboneRecipe> = {}): BackboneRecipe => ({
  ...toyBackbone,
  batchSize: 8,
  schedule: { learningRate: 0.05, epochs: 4, warmup: 1 },
  ...more,
  ...(loss && { loss }),
});

async function trained(recipe: BackboneRecipe, old: OldModel | null = null) {
  const before = tf.memory().numTensors;
  const context = toyContext();
  const fitted = await trainBackbone(recipe, dataset, context, old);
  expect(tf.memory().numTensors).toBe(before);
  expect(context.reasons).toEqual([]);
  return fitted;
}

describe.each<BackboneLoss>(Object.values(byKind))("a backbone trained with the $kind loss", (loss) => {
  test("learns as a captured graph, to the same bytes again", async () => {
    const [first, again] = [await trained(recipeWith(loss)), await trained(recipeWith(loss))];
    expect(first.losses.at(-1)).toBeLessThan(0.9 * (first.losses[0] ?? 0));
    expect(bytesOf(again.weights)).toBe(bytesOf(first.weights));
    expect("classifier" in first.weights).toBe(loss.kind !== "triplet");
  });
});

test("a backbone trained on directions has unit embeddings, in the direction of the network's own", async () => {
  const { weights } = await trained(
    recipeWith(byKind.arcface, { schedule: { learningRate: 0.05, epochs: 1, warmup: 0 } }),
  );
  const unit = normalisesEmbeddings({ loss: byKind.arcface });
  const stored = await embedImages({ architecture, weights, unit }, dataset.test, null, toyContext());
  const raw = await embedImages({ architecture, weights }, dataset.test, null, toyContext());
  const norm = (values: Float32Array): number => Math.hypot(...values);
  for (let index = 0; index < stored.rows; index++) {
    const length = norm(row(raw, index));
    expectClose(norm(row(stored, index)), 1);
    row(stored, index).forEach((value, i) => {
      expectClose(value * length, row(raw, index)[i] ?? Number.NaN, 1e-4);
    });
  }
});

describe("a classifier reads embeddings", () => {
  const embedding = tf.tensor2d(normals("embedding", 12), [3, 4]);
  const classifier = tf.tensor2d(normals("classifier", 20), [4, 5]);
  const logits = (loss?: BackboneLoss) => Array.from(classifierLogits({ loss }, embedding, classifier).dataSync());

  test("by its loss without a margin", () => {
    const none = { kind: "cosface", scale: 8, margin: 0 } as const;
    const labels = tf.tensor1d([0, 1, 2], "int32");
    const expected = Array.from(marginLogits(embedding, classifier, labels, none).dataSync());
    const { arcface, cosface, "normalised-softmax": normalised } = byKind;
    expect([arcface, cosface, normalised].map(logits)).toEqual([expected, expected, expected]);
    expect(logits()).toEqual(Array.from(tf.matMul(embedding, classifier).dataSync()));
  });

  test("unless there is none, or its scale is 0", () => {
    expect(() => logits(byKind.triplet)).toThrow(/triplet.*no classifier/);
    expect(() => logits({ kind: "normalised-softmax", scale: 0 })).toThrow(/scale.*above 0.*\b0$/);
  });
});

describe("an old model", () => {
  const oldClasses = "all";
  const still = { batchSize: 16, schedule: { learningRate: 1e-9, epochs: 1, warmup: 0 } };
  const firstLoss = async (recipe: BackboneRecipe, old: OldModel | null): Promise<number> =>
    (await trained(recipe, old)).losses[0] ?? Number.NaN;

  test.each([
    [undefined, byKind.triplet],
    [byKind.arcface, undefined],
  ])("trained with %o is read with that loss by a new one trained with %o", async (oldLoss, loss) => {
    const old = await trained(recipeWith(oldLoss, still));
    const first = (weight: number): Promise<number> =>
      firstLoss(recipeWith(loss, still), { kind: "compatible", classifier: old.weights, oldLoss, oldClasses, weight });
    const [none, once, twice] = [await first(0), await first(1), await first(2)];
    expect(once - none).toBeGreaterThan(0.1);
    expectClose(twice - none, 2 * (once - none), 1e-4);
  });

  test("draws new embeddings to its own in squared error, more so with a larger weight", async () => {
    const old = await trained(recipeWith(undefined, { seed: 5 }));
    const target = await embedImages({ architecture, weights: old.weights }, dataset.test, null, toyContext());
    const distances: number[] = [];
    for (const weight of [0, 0.2, 1]) {
      const recipe = recipeWith(undefined, { schedule: { learningRate: 0.02, epochs: 6, warmup: 1 } });
      const aligned = { kind: "aligned", architecture, weights: old.weights, weight, unit: false } as const;
      const { weights } = await trained(recipe, aligned);
      const { data } = await embedImages({ architecture, weights }, dataset.test, null, toyContext());
      distances.push(data.reduce((sum, value, i) => sum + (value - (target.data[i] ?? 0)) ** 2, 0));
    }
    const [apart = 0, near = 0, nearest = 0] = distances;
    expect(near).toBeLessThan(0.9 * apart);
    expect(nearest).toBeLessThan(near);
  });

  test("leaves nothing of its network in the new weights and the checkpoint", async () => {
    const old = await trained(recipeWith(undefined, still));
    const aligned = { kind: "aligned", architecture, weights: old.weights, weight: 1, unit: true } as const;
    const context = toyContext();
    const { weights } = await trainBackbone(recipeWith(byKind.arcface), dataset, context, aligned);
    expect(Object.keys(weights).sort()).toEqual(Object.keys(old.weights).sort());
    expect(Object.keys(context.saved[0]?.arrays ?? {}).filter((name) => name.startsWith("frozen"))).toEqual([]);
    const resumed = toyContext({ begin: context.saved[1] ?? null });
    const again = await trainBackbone(recipeWith(byKind.arcface), dataset, resumed, aligned);
    expect(bytesOf(again.weights)).toBe(bytesOf(weights));
  });

  test("is refused if it does not fit, in words that name both", async () => {
    const { weights } = await trained(recipeWith(undefined, still));
    const wide = recipeWith(undefined, {
      architecture: { ...toyBackbone.architecture, embedding: 6 } as typeof architecture,
    });
    const common = { kind: "compatible", oldClasses, weight: 1 } as const;
    await expect(trained(wide, { ...common, classifier: weights })).rejects.toThrow(/BCT.*\b8 dimensions.*\b6$/);
    await expect(
      trained(recipeWith(undefined), { ...common, classifier: {}, oldLoss: byKind.triplet }),
    ).rejects.toThrow(/BCT.*no classifier.*triplet/);
    const aligned = { kind: "aligned", architecture, weights, weight: 1, unit: false } as const;
    await expect(trained(wide, aligned)).rejects.toThrow(/L2 baseline.*\b8 dimensions.*\b6$/);
  });
});

describe("a backbone is refused", () => {
  test.each<readonly [string, BackboneRecipe, RegExp]>([
    [
      "one class",
      recipeWith(undefined, { classes: { fraction: 1 / 6, shuffle: null } }),
      /classes.*at least 2.*\b1 \(0\)/,
    ],
    ["batches of one", recipeWith(undefined, { batchSize: 1 }), /batch size.*at least 2.*\b1$/],
    ["parts of a batch of unequal size", recipeWith(undefined, { accumulation: 3 }), /batch of 8.*equal parts.*\b3$/],
    [
      "a triplet's single class in a part of a batch",
      recipeWith(byKind.triplet, { accumulation: 2 }),
      /batch of 8 with 4 .*at least 2 whole classes.*\b2$/,
    ],
    [
      "a triplet's class cut in two",
      recipeWith(byKind.triplet, { batchSize: 24, accumulation: 4 }),
      /batch of 24 with 4 .*at least 2 whole classes.*\b4$/,
    ],
    ["a triplet's single class", recipeWith(byKind.triplet, { batchSize: 4 }), /classes in a batch of 4.*from 2.*\b1$/],
    ["no margin", recipeWith({ kind: "triplet", margin: 0, perClass: 4 }), /margin.*above 0.*\b0$/],
    ["no scale", recipeWith({ kind: "arcface", scale: 0, margin: 0.1 }), /scale.*above 0.*\b0$/],
  ])("that has %s", async (_, recipe, message) => {
    const before = tf.memory().numTensors;
    await expect(trainBackbone(recipe, dataset, toyContext())).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("SupCon side-information learns as a captured graph, otherwise than SimCLR", async () => {
  const { kind: _, ...common } = toySimclr;
  const context = toyContext();
  const recipe = { ...common, kind: "supervised-contrastive" } as const;
  const before = tf.memory().numTensors;
  const fitted = await trainSideInformation(recipe, dataset, context);
  expect(fitted.losses.at(-1)).toBeLessThan(fitted.losses[0] ?? 0);
  expect(context.reasons).toEqual([]);
  expect(bytesOf((await trainSideInformation(recipe, dataset, toyContext())).weights)).toBe(bytesOf(fitted.weights));
  expect(tf.memory().numTensors).toBe(before);
});
