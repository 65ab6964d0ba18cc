import { describe, expect, test } from "vitest";
import { matrix, selectRows } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";
import { alignmentPerSample } from "../../lib/losses/alignment";
import { crossEntropyPerSample } from "../../lib/losses/cross-entropy";
import { initialTransformation } from "../../lib/nn/transformation";
import { tf } from "../../lib/tf/tensorflow";
import type { BackboneLoss } from "../../lib/training/backbone-loss";
import { mapEmbeddings } from "../../lib/training/embed";
import { type TransformationRecipe, trainTransformation } from "../../lib/training/transformation";
import { learnedRows, type TransformationData } from "../../lib/training/transformation-data";
import type { TransformationLoss } from "../../lib/training/transformation-loss";
import { bytesOf } from "../bytes-of";
import { expectClose, normals } from "../losses/agreement";
import * as naive from "../losses/naive";
import { toyContext, toyTransformation } from "./shapes-toy";

const rows = 64;
const old = matrix(rows, 6, normals("old", rows * 6));
const side = matrix(rows, 4, normals("side", rows * 4));
/** Differences of neighbours in the old embedding: a linear map. */
const target = matrix(
  rows,
  5,
  Float32Array.from({ length: rows * 5 }, (_, i) => {
    const at = Math.floor(i / 5) * 6 + (i % 5);
    return (old.data[at] ?? 0) - (old.data[at + 1] ?? 0);
  }),
);
const classifier = { shape: [5, 3], data: normals("classifier", 15) };
const labels = Int32Array.from({ length: rows }, (_, i) => {
  const logits = naive.product([Array.from(target.data.slice(i * 5, i * 5 + 5))], naive.rowsOf(classifier.data, 3))[0];
  return logits?.indexOf(Math.max(...logits)) ?? -1;
});
const data: TransformationData = { old, side, target, labels, classifier };

const schedule = { learningRate: 1e-2, epochs: 5, warmup: 0 };
/** One loss of each kind. */
const byKind: Readonly<Record<TransformationLoss["kind"], TransformationLoss>> = {
  cosine: { kind: "cosine" },
  "scaled-squared-error": { kind: "scaled-squared-error" },
  "mse-classifier": { kind: "mse-classifier", weight: 0.5, smoothing: 0.1 },
  fastfill: { kind: "fastfill", weight: 1, smoothing: 0.1 },
};
const variants: readonly Partial<TransformationRecipe>[] = [
  ...Object.values(byKind).map((loss) => ({ loss })),
  { layers: 0 },
  { layers: 4 },
  { linear: true },
  { share: 0.5 },
  { frozenNormShare: 0 },
];
const recipeWith = (variant: Partial<TransformationRecipe>): TransformationRecipe => ({
  ...toyTransformation,
  schedule,
  batchSize: 16,
  ...variant,
});

describe.each(variants)("h with %o", (variant) => {
  test("learns as a captured graph, to the same bytes again, and maps", async () => {
    const before = tf.memory().numTensors;
    const context = toyContext();
    const { weights, losses } = await trainTransformation(recipeWith(variant), data, context);
    expect(losses.at(-1)).toBeLessThan(0.97 * (losses[0] ?? 0));
    expect(context.reasons).toEqual([]);
    expect(bytesOf((await trainTransformation(recipeWith(variant), data, toyContext())).weights)).toBe(
      bytesOf(weights),
    );
    const { embeddings, logVariance } = mapEmbeddings(recipeWith(variant), weights, { old, side });
    expect([embeddings.rows, embeddings.columns]).toEqual([rows, 5]);
    expect(logVariance?.length).toBe(variant.loss?.kind === "fastfill" ? rows : undefined);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a linear h", () => {
  test("is the map of both embeddings side by side with its bias", async () => {
    const recipe = recipeWith({ linear: true });
    const { weights } = await trainTransformation(recipe, data, toyContext());
    expect(Object.keys(weights).sort()).toEqual(["map.bias", "map.linear"]);
    const both = naive.rowsOf(old.data, 6).map((row, i) => [...row, ...side.data.slice(4 * i, 4 * i + 4)]);
    const expected = naive.product(both, naive.rowsOf(weights["map.linear"]?.data ?? [], 5)).flat();
    mapEmbeddings(recipe, weights, { old, side }).embeddings.data.forEach((value, i) => {
      expectClose(value, (expected[i] ?? Number.NaN) + (weights["map.bias"]?.data[i % 5] ?? Number.NaN));
    });
  });

  test("finds a map that is linear", async () => {
    const recipe = recipeWith({ linear: true, schedule: { learningRate: 5e-2, epochs: 60, warmup: 0 } });
    const { losses } = await trainTransformation(recipe, data, toyContext());
    expect(losses.at(-1)).toBeLessThan(1e-3);
  });
});

describe("FastFill's h", () => {
  const recipe = recipeWith({
    linear: true,
    loss: byKind.fastfill,
    batchSize: 1000,
    schedule: { learningRate: 1e-9, epochs: 1, warmup: 0 },
  });

  test("has the loss of its own outputs: embeddings, log variances and the classifier's cross-entropy", async () => {
    const { weights, losses } = await trainTransformation(recipe, data, toyContext());
    const { embeddings, logVariance } = mapEmbeddings(recipe, weights, { old, side });
    const mapped = naive.rowsOf(embeddings.data, 5);
    const logits = naive.product(mapped, naive.rowsOf(classifier.data, 3));
    const entropies = naive.crossEntropies(logits, Array.from(labels), 0.1);
    const items = naive.alignments(mapped, naive.rowsOf(target.data, 5)).map((loss, i) => loss + (entropies[i] ?? 0));
    expectClose(losses[0] ?? Number.NaN, naive.discounted(items, Array.from(logVariance ?? [])));
  });

  test("reads the output embedding for the log variance, one linear map with a bias", async () => {
    const { weights } = await trainTransformation(recipe, data, toyContext());
    const { embeddings, logVariance } = mapEmbeddings(recipe, weights, { old, side });
    expect(weights["uncertainty.linear"]?.shape).toEqual([5, 1]);
    const map = Array.from(weights["uncertainty.linear"]?.data ?? []);
    naive.rowsOf(embeddings.data, 5).forEach((row, i) => {
      const s = row.reduce((sum, value, j) => sum + value * (map[j] ?? 0), weights["uncertainty.bias"]?.data[0] ?? 0);
      expectClose(logVariance?.[i] ?? Number.NaN, s);
    });
  });
});

test.each<BackboneLoss | undefined>([undefined, { kind: "arcface", scale: 8, margin: 0.3 }])(
  "the classifier of a target trained with %o is read with that loss",
  async (targetLoss) => {
    const loss = { kind: "mse-classifier", weight: 2, smoothing: 0.1 } as const;
    const still = { linear: true, batchSize: 1000, schedule: { learningRate: 1e-9, epochs: 1, warmup: 0 } } as const;
    const recipe = recipeWith({ ...still, loss });
    const { weights, losses } = await trainTransformation(recipe, { ...data, targetLoss }, toyContext());
    const expected = tf.tidy(() => {
      const h = tf.tensor2d(mapEmbeddings(recipe, weights, { old, side }).embeddings.data, [rows, 5]);
      const columns = tf.tensor2d(classifier.data, [5, 3]);
      const unit = (x: tf.Tensor, axis: number): tf.Tensor => tf.div(x, tf.norm(x, 2, axis, true));
      const logits = targetLoss ? tf.mul(tf.matMul(unit(h, 1), unit(columns, 0)), 8) : tf.matMul(h, columns);
      const entropies = crossEntropyPerSample(logits as tf.Tensor2D, tf.tensor1d(labels), { smoothing: 0.1 });
      const errors = alignmentPerSample(h, tf.tensor2d(target.data, [rows, 5]));
      return tf.mean(tf.add(errors, tf.mul(entropies, 2))).dataSync()[0];
    });
    expectClose(losses[0] ?? Number.NaN, expected ?? Number.NaN, 2e-5);
  },
);

describe("a share of the images", () => {
  const choice = { views: 3, seed: 4 };

  test("is of images, the same for all views, and larger shares hold smaller ones", () => {
    const half = learnedRows({ ...choice, share: 0.5 }, 60);
    expect(half.length).toBe(30);
    const images = Array.from(half.slice(0, 10));
    expect(new Set(images).size).toBe(10);
    expect(Array.from(half)).toEqual([0, 20, 40].flatMap((first) => images.map((image) => first + image)));
    const quarter = learnedRows({ ...choice, share: 0.25 }, 60);
    expect([...quarter].filter((row) => !half.includes(row))).toEqual([]);
    expect(learnedRows({ views: 3, seed: 5, share: 0.5 }, 60)).not.toEqual(half);
  });

  test("of one, or none given, is all rows", () => {
    const all = Int32Array.from({ length: 60 }, (_, row) => row);
    expect(learnedRows({ ...choice, share: 1 }, 60)).toEqual(all);
    expect(learnedRows(choice, 60)).toEqual(all);
  });

  test("is all that h sees: other rows may be anything", async () => {
    const recipe = recipeWith({ share: 0.5 });
    const seen = new Set(learnedRows(recipe, rows));
    const spoilt = Float32Array.from(target.data, (value, i) => (seen.has(Math.floor(i / 5)) ? value : Number.NaN));
    const results = [target, matrix(rows, 5, spoilt)].map((changed) =>
      trainTransformation(recipe, { ...data, target: changed }, toyContext()),
    );
    const [first, second] = await Promise.all(results);
    expect(bytesOf(second?.weights ?? {})).toBe(bytesOf(first?.weights ?? {}));
  });

  test.each([0, -1, 1.5, Number.NaN])("of %f is refused", (share) => {
    expect(() => learnedRows({ ...choice, share }, 60)).toThrow(new RegExp(`share.*\\(0, 1\\].* ${share}$`));
  });

  test("of rows that the number of views does not divide is refused", () => {
    expect(() => learnedRows({ ...choice, share: 0.5 }, 61)).toThrow(/rows.*3 views.* 61$/);
  });
});

describe("what disagrees is refused:", () => {
  const fastfill = recipeWith({ loss: byKind.fastfill });
  const { labels: _, ...unlabelled } = data;
  const { classifier: __, ...unclassified } = data;
  const none: BackboneLoss = { kind: "triplet", margin: 0.2, perClass: 2 };
  test.each<readonly [string, TransformationRecipe, TransformationData, RegExp]>([
    ["no labels", fastfill, unlabelled, /fastfill.*labels/],
    ["no classifier", fastfill, unclassified, /fastfill.*no classifier/],
    ["a triplet target", fastfill, { ...unclassified, targetLoss: none }, /no classifier.*triplet/],
    ["labels of other rows", fastfill, { ...data, labels: labels.slice(1) }, /labels.*64.* 63$/],
    ["a label of no class", fastfill, { ...data, labels: labels.map(() => 3) }, /label.*from 0 to 2.* 3$/],
    [
      "a classifier of other dimensions",
      fastfill,
      { ...data, classifier: { shape: [4, 3], data: normals("small", 12) } },
      /classifier.*\b4 dimensions.*\b5$/,
    ],
    ["rows", recipeWith({}), { ...data, side: matrix(63, 4) }, /old 64, side 63, target 64/],
    ["five layers", recipeWith({ layers: 5 }), data, /layers.*0 to 4/],
    ["a linear h with layers", recipeWith({ linear: true, layers: 1 }), data, /linear h.*mixer/],
    [
      "one row",
      recipeWith({}),
      { old: one(old), side: one(side), target: one(target) },
      /training items.*at least 2.* 1$/,
    ],
    ["batches of one", recipeWith({ batchSize: 1 }), data, /batch size.*at least 2.* 1$/],
  ])("%s", async (_what, recipe, given, message) => {
    await expect((async () => trainTransformation(recipe, given, toyContext()))()).rejects.toThrow(message);
  });

  test("embeddings that h cannot map", () => {
    const sizes = { old: 6, side: 4, target: 5, inner: 8 };
    const [deep, flat] = [
      initialTransformation(sizes, random(1)),
      initialTransformation({ ...sizes, linear: true }, random(1)),
    ];
    expect(() => mapEmbeddings({}, deep, { old: side, side })).toThrow(/old embedding.*got 4/);
    expect(() => mapEmbeddings({}, deep, { old, side: old })).toThrow(/side-information.*got 6/);
    expect(() => mapEmbeddings({ linear: true }, flat, { old, side: old })).toThrow(
      /side-information together.*got 12/,
    );
    expect(() => mapEmbeddings({}, deep, { old, side: one(side) })).toThrow(/side-information.*\b64\b.* 1$/);
  });
});

function one(of: typeof old): typeof old {
  return selectRows(of, [0]);
}
