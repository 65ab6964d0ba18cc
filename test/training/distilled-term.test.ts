import { beforeAll, describe, expect, test } from "vitest";
import { graphOf } from "../../lib/core/artifacts/step";
import type { Artifact } from "../../lib/core/artifacts/store";
import { arrayNamed, type NamedArrays } from "../../lib/core/named-arrays";
import { loadDataset } from "../../lib/data/load-dataset";
import { classesOf } from "../../lib/data/splits/class-selection";
import type { Dataset } from "../../lib/data/splits/dataset";
import { backbone, distilled } from "../../lib/experiments/model/construct";
import { modelsIn } from "../../lib/experiments/model/model";
import { trainingOf } from "../../lib/experiments/steps/training";
import { reseeded } from "../../lib/own/reseeded";
import { tf } from "../../lib/tf/tensorflow";
import { trainBackbone } from "../../lib/training/backbone";
import type { DistilledFrom } from "../../lib/training/distilled-term";
import { embedImages } from "../../lib/training/embed";
import { toyBackbone, toyContext, toyShapes } from "./shapes-toy";

const architecture = toyBackbone.architecture;
const recipe = { ...toyBackbone, batchSize: 8, schedule: { learningRate: 0.05, epochs: 4, warmup: 1 } };
const half = { fraction: 0.5, shuffle: null } as const;

let dataset: Dataset;
let [old, next]: [NamedArrays, NamedArrays] = [{}, {}];
beforeAll(async () => {
  dataset = await loadDataset({ ...toyShapes, perClass: 2, labels: "colour" });
  old = (await trainBackbone({ ...recipe, classes: half, seed: 5 }, dataset, toyContext())).weights;
  next = (await trainBackbone({ ...recipe, seed: 6 }, dataset, toyContext())).weights;
});

function from(distillation: DistilledFrom["distillation"], weight: number): DistilledFrom {
  const teacher = (weights: NamedArrays) => ({ architecture, weights });
  return { kind: "distilled", old: teacher(old), oldClasses: half, next: teacher(next), distillation, weight };
}

async function trained(term: DistilledFrom): Promise<NamedArrays> {
  const before = tf.memory().numTensors;
  const context = toyContext();
  const { weights } = await trainBackbone(recipe, dataset, context, term);
  expect(tf.memory().numTensors).toBe(before);
  expect(context.reasons).toEqual([]);
  return weights;
}

/** The mean divergence of a model's answers from the old one's on images of the old classes. */
async function divergence(weights: NamedArrays): Promise<number> {
  const classes = [...classesOf(half, dataset.test.classNames)];
  const isOld = [...dataset.test.labels.keys()].filter((i) => classes.includes(dataset.test.labels[i] ?? -1));
  const [own, teacher] = await Promise.all([weights, old].map(answers));
  const each = isOld.map((i) =>
    (teacher?.[i] ?? []).reduce((sum, p, c) => sum + Math.exp(p) * (p - (own?.[i]?.[c] ?? 0)), 0),
  );
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

async function answers(weights: NamedArrays): Promise<number[][]> {
  const { data, rows, columns } = await embedImages({ architecture, weights }, dataset.test, null, toyContext());
  return tf.tidy(() => {
    const { data: values, shape } = arrayNamed(weights, "classifier");
    const classifier = tf.tensor2d(values as Float32Array, shape as [number, number]);
    return tf.logSoftmax(tf.matMul(tf.tensor2d(data, [rows, columns]), classifier)).arraySync() as number[][];
  });
}

describe("a backbone that learns an old model's answers", () => {
  const focal = { kind: "focal", base: 1, right: 5 } as const;
  const masked = { kind: "masked", mask: "student-wrong", temperature: 2 } as const;

  test.each([focal, masked, { ...masked, mask: "all" } as const])(
    "is trained as a captured graph and has a classifier ($kind)",
    async (distillation) => {
      const weights = await trained(from(distillation, 1));
      expect(Object.keys(weights).sort()).toEqual(Object.keys(old).sort());
    },
  );

  test("answers more like it, the larger the weight", async () => {
    const [none, more] = [await trained(from(focal, 0)), await trained(from(focal, 0.3))];
    expect(await divergence(more)).toBeLessThan(0.7 * (await divergence(none)));
  });

  test("is the same as without it, if the weight is 0", async () => {
    const alone = await trainBackbone(recipe, dataset, toyContext());
    const none = await trained(from(masked, 0));
    for (const [name, { data }] of Object.entries(none)) {
      data.forEach((value, i) => {
        expect(Math.abs(value - (alone.weights[name]?.data[i] ?? Number.NaN))).toBeLessThan(1e-4);
      });
    }
  });

  test("is refused without the new model that a mask needs, and without an old classifier", async () => {
    const term = from(masked, 1);
    await expect(trained({ ...term, next: null })).rejects.toThrow(/masked distillation .* new model too/);
    const { classifier: _, ...network } = old;
    await expect(trained({ ...term, old: { architecture, weights: network } })).rejects.toThrow(/classifier/);
  });
});

test("as a model it is trained after those that it learns from, and named, described and reseeded with them", async () => {
  const [before, after] = [
    backbone({ ...recipe, dataset: toyShapes, classes: half }),
    backbone({ ...recipe, dataset: toyShapes }),
  ];
  const masked = { kind: "masked", mask: "student-wrong", temperature: 2 } as const;
  const model = distilled(after.recipe, { old: before, next: after, distillation: masked });
  expect(modelsIn(model)).toEqual([before, after, model]);
  expect(trainingOf(model).inputs.map(({ key }) => key)).toEqual([before, after].map((each) => trainingOf(each).key));
  expect(trainingOf(model).label).toContain("MUSCLE-masked");
  const focal = distilled(after.recipe, { old: before, distillation: { kind: "focal", base: 1, right: 5 } });
  expect(trainingOf(focal).inputs).toHaveLength(1);
  const other = reseeded(model, 1) as typeof model;
  expect([other.recipe.seed, other.old.recipe.seed, other.next?.recipe.seed]).toEqual(
    [model.recipe.seed, before.recipe.seed, after.recipe.seed].map((seed) => seed + 1),
  );
  expect(() => distilled(after.recipe, { old: before, distillation: masked })).toThrow(/next: expected the new model/);
  const artifacts = new Map<string, Artifact>();
  for (const each of graphOf([trainingOf(model)])) {
    const inputs = each.inputs.map(({ key }) => artifacts.get(key) as Artifact);
    artifacts.set(each.key, await each.run(inputs, { ...toyContext(), record: () => {}, warn: () => {} }));
  }
  expect(artifacts.get(trainingOf(model).key)?.facts.losses).toHaveLength(recipe.schedule.epochs);
});
