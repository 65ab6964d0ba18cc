import { describe, expect, test } from "vitest";
import type { NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { loadDataset } from "../../lib/data/load-dataset";
import { crossEntropy } from "../../lib/losses/cross-entropy";
import { initialLinear } from "../../lib/nn/initial";
import { convolutionNet, initialConvolutionNet } from "../../lib/nn/networks/convolution-net";
import { tf } from "../../lib/tf/tensorflow";
import { tensorNamed } from "../../lib/tf/tensors";
import { trainBackbone } from "../../lib/training/backbone";
import { imageBatches } from "../../lib/training/loop/batches";
import { type Fitting, fit as minimise } from "../../lib/training/loop/fit";
import { bytesOf } from "../bytes-of";
import { expectClose } from "../losses/agreement";
import { toyBackbone, toyContext, toyShapes } from "./shapes-toy";

const architecture = { kind: "convolution-net", channels: 4, side: 16, embedding: 8 } as const;

/** A net whose normalisation never uses a batch's moments. */
async function fitting(partSize: number | undefined): Promise<Fitting> {
  const { train } = await loadDataset(toyShapes);
  const start = random(1);
  const classifier = initialLinear(start, 8, train.classNames.length);
  const drawing = { split: train, batchSize: 32, augmentation: toyBackbone.augmentation, stream: [2] };
  return {
    weights: { ...initialConvolutionNet(architecture, start), classifier },
    loss: (pass, batch) => {
      const embedding = convolutionNet(architecture, pass, tensorNamed(batch, "images"));
      const logits = tf.matMul(embedding, tensorNamed<tf.Tensor2D>(pass.weights, "classifier")) as tf.Tensor2D;
      return crossEntropy(logits, tensorNamed(batch, "labels"));
    },
    optimizer: { kind: "adam", weightDecay: 1e-3 },
    schedule: { learningRate: 1e-3, epochs: 3, warmup: 0 },
    batches: (epoch) => imageBatches(drawing, epoch),
    samplesPerEpoch: train.labels.length,
    frozenNormFrom: 0,
    partSize,
  };
}

const largestDifference = (a: NamedArrays, b: NamedArrays): number =>
  Math.max(
    ...Object.entries(a).flatMap(([name, { data }]) =>
      Array.from(data, (value, i) => Math.abs(value - (b[name]?.data[i] ?? Number.NaN))),
    ),
  );

describe("a batch in parts", () => {
  test.each([8, 16])(
    "moves weights as the whole batch does, %i samples at once, the last batch smaller",
    async (size) => {
      const whole = await minimise(await fitting(undefined), toyContext());
      const context = toyContext();
      const before = tf.memory().numTensors;
      const parts = await minimise(await fitting(size), context);
      expect(tf.memory().numTensors).toBe(before);
      expect(largestDifference(whole.weights, parts.weights)).toBeLessThan(1e-5);
      whole.losses.forEach((loss, epoch) => {
        expectClose(parts.losses[epoch] ?? Number.NaN, loss);
      });
      expect(context.words).toHaveLength(9);
      expect(context.reasons).toEqual([]);
      expect(Array.from(context.saved[1]?.arrays.step?.data ?? [])).toEqual([6]);
    },
  );

  test("trains a backbone, learns, and continues from a checkpoint to the same bytes", async () => {
    const dataset = await loadDataset(toyShapes);
    const recipe = { ...toyBackbone, accumulation: 3, schedule: { learningRate: 0.1, epochs: 3, warmup: 0 } };
    const context = toyContext();
    const straight = await trainBackbone(recipe, dataset, context);
    expect(straight.losses.at(-1)).toBeLessThan(straight.losses[0] ?? 0);
    const resumed = await trainBackbone(recipe, dataset, toyContext({ begin: context.saved[0] ?? null }));
    expect(bytesOf(resumed.weights)).toBe(bytesOf(straight.weights));
  });
});
