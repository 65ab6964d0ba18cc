import { describe, expect, test } from "vitest";
import { matrix, row } from "../../../lib/core/matrix";
import type { NamedArrays } from "../../../lib/core/named-arrays";
import { loadDataset } from "../../../lib/data/load-dataset";
import { initialNorm } from "../../../lib/nn/initial";
import { normalise } from "../../../lib/nn/pass";
import { relu } from "../../../lib/tf/native";
import { tf } from "../../../lib/tf/tensorflow";
import { trainBackbone } from "../../../lib/training/backbone";
import type { TrainingBatch } from "../../../lib/training/loop/batches";
import { type Fitted, type Fitting, fit as minimise } from "../../../lib/training/loop/fit";
import { trainTransformation } from "../../../lib/training/transformation";
import { bytesOf } from "../../bytes-of";
import { expectClose, normals } from "../../losses/agreement";
import { type ToyContext, toyBackbone, toyContext, toyShapes, toyTransformation } from "../shapes-toy";

/** A line through points: y = 2 x - 1, four batches of two points an epoch. */
const line: Fitting = {
  weights: { slope: { shape: [], data: Float32Array.of(0) }, start: { shape: [], data: Float32Array.of(0) } },
  loss: ({ weights }, { x, y }) => {
    const fitted = tf.add(tf.mul(x as tf.Tensor, weights.slope as tf.Tensor), weights.start as tf.Tensor);
    return tf.mean(tf.squaredDifference(fitted, y as tf.Tensor));
  },
  optimizer: { kind: "sgd", momentum: 0.5, weightDecay: 0 },
  schedule: { learningRate: 0.1, epochs: 60, warmup: 0 },
  batches: (epoch) => points(epoch),
  samplesPerEpoch: 8,
};

async function* points(epoch: number, y = (x: number): number => 2 * x - 1): AsyncIterable<TrainingBatch> {
  for (const batch of [0, 1, 2, 3]) {
    const x = normals(`epoch ${epoch} batch ${batch}`, 2);
    yield { samples: 2, arrays: { x: { shape: [2], data: x }, y: { shape: [2], data: x.map(y) as Float32Array } } };
  }
}

describe("fit", () => {
  test("finds the line, reports every batch and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const context = toyContext();
    const { weights, losses } = await minimise(line, context);
    expectClose(weights.slope?.data[0] ?? Number.NaN, 2, 1e-3);
    expectClose(weights.start?.data[0] ?? Number.NaN, -1, 1e-3);
    expect(losses).toHaveLength(60);
    expect(losses.at(-1)).toBeLessThan(1e-6);
    expect(context.words).toHaveLength(240);
    expect(context.words[0]).toMatch(/^epoch 1\/60 · \d+\/s · loss \d+\.\d{3}$/);
    expect(context.saved.map(({ facts }) => (facts.losses as number[]).length)).toEqual(
      Array.from({ length: 59 }, (_, i) => i + 1),
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuses weights that the last update of an epoch has made infinite, naming them and the epoch", async () => {
    const context = toyContext();
    const steep: Fitting = {
      ...line,
      schedule: { learningRate: 3e38, epochs: 3, warmup: 0 },
      batches: async function* () {
        const two = { shape: [2], data: Float32Array.of(3, 4) };
        yield { samples: 2, arrays: { x: two, y: two } };
      },
    };
    const said = /^weights (slope|start) are not finite after epoch 1 \(1 of 1 values.*lower the learning rate/;
    await expect(minimise(steep, context)).rejects.toThrow(said);
    expect(context.saved).toEqual([]);
  });

  test("gives the mean loss over an epoch's samples if batches differ in size", async () => {
    const sizes = [1, 3];
    const still: Fitting = {
      ...line,
      schedule: { learningRate: 1e-9, epochs: 1, warmup: 0 },
      batches: async function* () {
        for (const samples of sizes) {
          const constant = { shape: [samples], data: new Float32Array(samples).fill(samples) };
          yield { samples, arrays: { x: constant, y: constant } };
        }
      },
    };
    const { losses } = await minimise(still, toyContext());
    expectClose(losses[0] ?? Number.NaN, (1 * 1 + 3 * 9) / 4, 1e-6);
  });

  test("stops at a loss that is not finite, names step and epoch, and keeps the state before it", async () => {
    const before = tf.memory().numTensors;
    const broken = { ...line, batches: (epoch: number) => points(epoch, (x) => (epoch < 2 ? x : Number.NaN)) };
    const context = toyContext();
    await expect(minimise(broken, context)).rejects.toThrow(/NaN in step 1 of epoch 3, after 0 samples/);
    expect(context.saved).toHaveLength(2);
    expect(context.saved[1]?.facts.losses).toHaveLength(2);
    expect(Array.from(context.saved[1]?.arrays.step?.data ?? [])).toEqual([8]);
    expect(Object.values(context.saved[1]?.arrays ?? {}).every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("counts the steps of the epoch in which the loss becomes infinite, and stores nothing of it", async () => {
    const batches = async function* (epoch: number): AsyncIterable<TrainingBatch> {
      let step = 0;
      for await (const { samples, arrays } of points(epoch)) {
        step += 1;
        const y = { shape: [2], data: new Float32Array(2).fill(step === 3 ? Number.POSITIVE_INFINITY : 0) };
        yield { samples, arrays: { ...arrays, y } };
      }
    };
    const context = toyContext();
    await expect(minimise({ ...line, batches }, context)).rejects.toThrow(
      /Infinity in step 3 of epoch 1, after 4 samples/,
    );
    expect(context.saved).toEqual([]);
  });

  test("stops within a batch when the signal aborts, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const context = toyContext({ onReport: (_, { words, abort }) => (words.length === 6 ? abort() : undefined) });
    await expect(minimise(line, context)).rejects.toThrow("stopped by the test");
    expect(context.words).toHaveLength(6);
    expect(context.saved).toHaveLength(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("leaves no tensor if it refuses its optimizer", async () => {
    const before = tf.memory().numTensors;
    const refused: Fitting = { ...line, optimizer: { kind: "sgd", momentum: 1, weightDecay: 0 } };
    await expect(minimise(refused, toyContext())).rejects.toThrow(/momentum: expected .*, got 1/);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("leaves no tensor if a step that runs op by op fails", async () => {
    const before = tf.memory().numTensors;
    const failing: Fitting = {
      ...line,
      weights: initialNorm("norm", 2),
      loss: (pass, { x }) => {
        const active = relu(normalise(pass, "norm", (x as tf.Tensor).reshape([1, 1, 1, 2])));
        const loss = tf.mean(tf.square(active));
        if (Number.isFinite(loss.dataSync()[0])) throw new Error("failed by the test");
        return loss as tf.Scalar;
      },
    };
    await expect(minimise(failing, toyContext())).rejects.toThrow("failed by the test");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("has nothing left to do after the last epoch", async () => {
    const whole = await minimise({ ...line, schedule: { ...line.schedule, epochs: 3 } }, toyContext());
    const context = toyContext();
    await minimise({ ...line, schedule: { ...line.schedule, epochs: 3 } }, context);
    const again = toyContext({ begin: context.saved.at(-1) ?? null });
    expect(await minimise({ ...line, schedule: { ...line.schedule, epochs: 3 } }, again)).toEqual(whole);
    expect(again.words).toHaveLength(4);
  });
});

type Train = (context: ToyContext) => Promise<Fitted>;

const backbone: Train = async (context) => trainBackbone(toyBackbone, await loadDataset(toyShapes), context);

/** Embeddings that a map can be learned between. */
const embeddings = {
  old: matrix(64, 6, normals("old", 64 * 6)),
  side: matrix(64, 4, normals("side", 64 * 4)),
  target: matrix(64, 5, normals("target", 64 * 5)),
};

const transformation: Train = (context) => trainTransformation(toyTransformation, embeddings, context);

const epochs = [1, 2, 3, 4, 5, 6];

describe.each<readonly [string, Train, readonly number[]]>([
  ["a backbone", backbone, epochs.slice(0, 5)],
  ["h, whose second half is in evaluation mode,", transformation, epochs],
])("training %s", (_, train, all) => {
  test("interrupted in the middle of any epoch and continued equals going straight through, to the byte", async () => {
    const straight = await train(toyContext());
    expect(straight.losses).toHaveLength(all.length);
    for (const epoch of all) {
      const stopping = toyContext({
        onReport: (words, { abort }) => (words.startsWith(`epoch ${epoch}/`) ? abort() : undefined),
      });
      await expect(train(stopping)).rejects.toThrow("stopped by the test");
      expect(stopping.saved).toHaveLength(epoch - 1);
      const resumed = await train(toyContext({ begin: stopping.saved.at(-1) ?? null }));
      expect(resumed.losses).toEqual(straight.losses);
      expect(bytesOf(resumed.weights), `epoch ${epoch}`).toBe(bytesOf(straight.weights));
    }
  });
});

describe("h", () => {
  const statistics = (arrays: NamedArrays): NamedArrays =>
    Object.fromEntries(Object.entries(arrays).filter(([name]) => /\.norm\.(mean|variance)$/.test(name)));
  const others = (arrays: NamedArrays): NamedArrays =>
    Object.fromEntries(
      Object.entries(arrays).filter(([name]) => /^weights/.test(name) && !/(mean|variance)$/.test(name)),
    );

  test("leaves the running statistics alone in the second half, while its weights move", async () => {
    const context = toyContext();
    await transformation(context);
    const states = context.saved.map(({ arrays }) => arrays);
    const bytes = states.map((state) => bytesOf(statistics(state)));
    expect(Object.keys(statistics(states[0] ?? {}))).toHaveLength(12);
    expect(new Set(bytes.slice(0, 3)).size).toBe(3);
    expect(new Set(bytes.slice(2)).size).toBe(1);
    expect(new Set(states.map((state) => bytesOf(others(state)))).size).toBe(5);
  });

  test("learns: the loss falls from epoch to epoch on a map that exists", async () => {
    const target = matrix(
      64,
      5,
      Float32Array.from({ length: 64 * 5 }, (_, i) => {
        const from = row(embeddings.old, Math.floor(i / 5));
        return (from[i % 5] ?? 0) - (from[(i % 5) + 1] ?? 0);
      }),
    );
    const recipe = { ...toyTransformation, schedule: { learningRate: 2e-2, epochs: 20, warmup: 0 }, batchSize: 16 };
    const { losses } = await trainTransformation(recipe, { ...embeddings, target }, toyContext());
    expect(losses.at(-1)).toBeLessThan(0.2 * (losses[0] ?? 0));
  });

  test("refuses embeddings of different images, naming their rows", () => {
    const side = matrix(63, 4);
    expect(() => trainTransformation(toyTransformation, { ...embeddings, side }, toyContext())).toThrow(
      /old 64, side 63, target 64/,
    );
  });
});
