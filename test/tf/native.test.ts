import { describe, expect, test } from "vitest";
import { inScoreMemory } from "../../lib/retrieval/engine/kept/between-searches";
import { batchNorm, fixedNorm, readInto, relu, relu6, softmaxCrossEntropy } from "../../lib/tf/native";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "../losses/agreement";

type Function1 = (x: tf.Tensor) => tf.Tensor;
type Function3 = (x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D) => tf.Tensor;

const epsilon = 1e-5;
const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/** sum(y weight) with fixed weights, so that every value of `y` has a gradient of its own. */
function weighted(y: tf.Tensor): tf.Tensor {
  return tf.sum(tf.mul(y, tf.tensor(normals("weights", y.size), y.shape)));
}

function weightedNumbers(values: ArrayLike<number>): number {
  const weights = normals("weights", values.length);
  return sum(Array.from(values, (value, i) => value * (weights[i] ?? Number.NaN)));
}

/** The value, the weighted sum and its gradients, as numbers; checks that nothing else stays in memory. */
function numbersOf(run: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): readonly number[][] {
  const before = tf.memory().numTensors;
  const y = tf.tidy(() => run(...inputs));
  const { value, grads } = tf.valueAndGrads((...values) => weighted(run(...values)))(inputs);
  const numbers = [y, value, ...grads].map((tensor) => Array.from(tensor.dataSync() as Float32Array));
  tf.dispose([y, value, ...grads]);
  expect(tf.memory().numTensors).toBe(before);
  return numbers;
}

function expectSame(actual: readonly number[][], expected: readonly number[][], tolerance = 1e-5): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  actual.forEach((values, i) => {
    values.forEach((value, j) => {
      expectClose(value, expected[i]?.[j] ?? Number.NaN, tolerance);
    });
  });
}

describe("relu", () => {
  test("equals max(x, 0) in value and slope", () => {
    expectAgreement({
      shape: [2, 3],
      values: [-2, -0.3, 0.4, 1.5, 3, -1e-3],
      loss: (x) => weighted(relu(x)),
      twin: (x) => weightedNumbers(x.map((value) => Math.max(value, 0))),
    });
  });

  test("equals tfjs's own on 4-d input", () => {
    const x = tf.tensor4d(normals("relu", 2 * 3 * 4 * 5), [2, 3, 4, 5]);
    const [ours, theirs] = ([relu, tf.relu] as Function1[]).map((run) => numbersOf(run as never, [x]));
    expectSame(ours ?? [], theirs ?? [[]], 1e-6);
    x.dispose();
  });

  test("has no slope at zero, and passes what is no number on", () => {
    const x = tf.tensor1d([0, -0, Number.NaN]);
    expect(
      Array.from(
        tf
          .grad((input) => tf.sum(relu(input)))(x)
          .dataSync(),
      ).slice(0, 2),
    ).toEqual([0, 0]);
    expect(relu(x).dataSync()[2]).toBeNaN();
  });
});

test("relu6 equals min(max(x, 0), 6) in value and slope", () => {
  expectAgreement({
    shape: [2, 4],
    values: [-2, -1e-3, 0.4, 1.5, 5.9, 5.999, 6.1, 30],
    loss: (x) => weighted(relu6(x)),
    twin: (x) => weightedNumbers(x.map((value) => Math.min(Math.max(value, 0), 6))),
  });
});

describe("softmaxCrossEntropy", () => {
  const [rows, classes] = [4, 5];
  const targets = Array.from({ length: rows }, (_, row) => {
    const parts = Array.from(normals(`target ${row}`, classes), Math.abs);
    return parts.map((part) => part / sum(parts));
  });
  const twin = (x: ArrayLike<number>): number[] =>
    targets.map((target, row) => {
      const logits = Array.from(x).slice(row * classes, (row + 1) * classes);
      const largest = Math.max(...logits);
      const logSum = largest + Math.log(sum(logits.map((logit) => Math.exp(logit - largest))));
      return sum(target.map((share, i) => share * (logSum - (logits[i] ?? Number.NaN))));
    });

  test.each([1, 30])("equals its naive twin in value and slope, logits of size %i", (size) => {
    const table = tf.tensor2d(targets);
    expectAgreement({
      shape: [rows, classes],
      values: normals("logits", rows * classes, size),
      loss: (x) => weighted(softmaxCrossEntropy(x as tf.Tensor2D, table)),
      twin: (x) => weightedNumbers(twin(x)),
    });
    table.dispose();
  });

  test("stays finite at logits of 1e4, and equals tfjs's composition", () => {
    const logits = tf.tensor2d([1e4, -1e4, 0, 5, 1e4, 1e4], [2, 3]);
    const table = tf.tensor2d([0.2, 0.3, 0.5, 0, 1, 0], [2, 3]);
    const composed = (x: tf.Tensor): tf.Tensor => tf.neg(tf.sum(tf.mul(tf.logSoftmax(x), table), 1));
    const ours = numbersOf((x) => softmaxCrossEntropy(x as tf.Tensor2D, table), [logits]);
    const theirs = numbersOf(composed as never, [logits]);
    expectSame(ours, theirs);
    expectSame([ours[0] ?? []], [[11_000, Math.log(2)]]);
    tf.dispose([logits, table]);
  });
});

describe("normalisation", () => {
  const [batch, height, width, channels] = [3, 2, 2, 4] as const;
  const count = batch * height * width;
  const input = (): tf.Tensor4D =>
    tf.tensor4d(
      normals("input", count * channels, 2).map((value, i) => value + (i % channels)),
      [batch, height, width, channels],
    );
  const weights = () => ({
    scale: tf.tensor1d(normals("scale", channels)),
    offset: tf.tensor1d(normals("offset", channels)),
  });
  const numbersOfChannel = (x: ArrayLike<number>, channel: number): number[] =>
    Array.from(x).filter((_, i) => i % channels === channel);
  const meanOf = (values: readonly number[]): number => sum(values) / values.length;
  const squaresOf = (values: readonly number[]): number => sum(values.map((value) => (value - meanOf(values)) ** 2));

  function normalised(x: ArrayLike<number>, mean: (c: number) => number, variance: (c: number) => number): number[] {
    const [scale, offset] = [normals("scale", channels), normals("offset", channels)];
    return Array.from(x, (value, i) => {
      const c = i % channels;
      return ((value - mean(c)) / Math.sqrt(variance(c) + epsilon)) * (scale[c] ?? 0) + (offset[c] ?? 0);
    });
  }

  const byBatch = (x: ArrayLike<number>): number[] =>
    normalised(
      x,
      (c) => meanOf(numbersOfChannel(x, c)),
      (c) => squaresOf(numbersOfChannel(x, c)) / count,
    );

  test("by the batch equals its naive twin in value and slope", () => {
    const kept = weights();
    expectAgreement({
      shape: [batch, height, width, channels],
      values: input().dataSync(),
      loss: (x) => {
        const { y, mean, variance } = batchNorm(x as tf.Tensor4D, kept);
        tf.dispose([mean, variance]);
        return weighted(y);
      },
      twin: (x) => weightedNumbers(byBatch(x)),
      tolerance: 2e-5,
    });
    tf.dispose(kept);
  });

  test("by the batch gives the batch's mean and unbiased variance, which outlive a tidy", () => {
    const kept = weights();
    const x = input();
    const before = tf.memory().numTensors;
    const { mean, variance } = tf.tidy(() => ({ ...batchNorm(x, kept) }));
    expect(tf.memory().numTensors).toBe(before + 2 + 1);
    for (let c = 0; c < channels; c++) {
      const values = numbersOfChannel(x.dataSync(), c);
      expectClose(mean.dataSync()[c] ?? Number.NaN, meanOf(values));
      expectClose(variance.dataSync()[c] ?? Number.NaN, squaresOf(values) / (count - 1));
    }
  });

  const composed =
    (moments: (x: tf.Tensor4D) => { mean: tf.Tensor; variance: tf.Tensor }): Function3 =>
    (x, scale, offset) => {
      const { mean, variance } = moments(x);
      const unit = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
      return tf.add(tf.mul(unit, scale), offset);
    };

  function expectSameFunction(actual: Function3, expected: Function3): void {
    const { scale, offset } = weights();
    const inputs = [input(), scale, offset];
    expectSame(numbersOf(actual as never, inputs), numbersOf(expected as never, inputs), 2e-5);
    tf.dispose(inputs);
  }

  test("by the batch equals tfjs's composition, with gradients by input, scale and offset", () => {
    const ours: Function3 = (x, scale, offset) => {
      const { y, mean, variance } = batchNorm(x, { scale, offset });
      tf.dispose([mean, variance]);
      return y;
    };
    expectSameFunction(
      ours,
      composed((x) => tf.moments(x, [0, 1, 2])),
    );
  });

  test("by given moments equals tfjs's composition, with gradients by input, scale and offset", () => {
    const mean = tf.tensor1d([0.5, -1, 2, 3]);
    const variance = tf.tensor1d([0.25, 4, 1, 1e-3]);
    const ours: Function3 = (x, scale, offset) => fixedNorm(x, { scale, offset }, { mean, variance });
    expectSameFunction(
      ours,
      composed(() => ({ mean, variance })),
    );
    tf.dispose([mean, variance]);
  });

  test("by given moments equals its naive twin in value and slope", () => {
    const [means, variances] = [
      [0.5, -1, 2, 3],
      [0.25, 4, 1, 0.5],
    ] as const;
    const kept = { ...weights(), mean: tf.tensor1d([...means]), variance: tf.tensor1d([...variances]) };
    expectAgreement({
      shape: [batch, height, width, channels],
      values: input().dataSync(),
      loss: (x) => weighted(fixedNorm(x as tf.Tensor4D, kept, kept)),
      twin: (x) =>
        weightedNumbers(
          normalised(
            x,
            (c) => means[c] ?? 0,
            (c) => variances[c] ?? 0,
          ),
        ),
    });
    tf.dispose(kept);
  });

  test("of a channel without variance stays finite", () => {
    const x = tf.fill<tf.Rank.R4>([4, 1, 1, 2], 3);
    const kept = { scale: tf.tensor1d([2, 2]), offset: tf.tensor1d([0.5, -0.5]) };
    const { y, variance } = batchNorm(x, kept);
    expect(Array.from(variance.dataSync())).toEqual([0, 0]);
    expect(Array.from(y.dataSync())).toEqual([0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5]);
  });
});

describe("readInto", () => {
  /** What `readInto` writes to WebAssembly memory, `bytes` behind an aligned place. */
  function written(x: tf.Tensor, bytes: number): Float32Array {
    return inScoreMemory((memory) => {
      const target = memory.floats(memory.reserve(x.size + 16) + bytes, x.size);
      readInto(x, target);
      return target.slice();
    });
  }

  test.each([
    ["where TensorFlow can write", 0, 1_000_003],
    ["where it cannot", 4, 1_000_003],
    ["one number", 0, 1],
  ])("writes the values, %s, and leaves no tensor behind", (_, bytes, count) => {
    const x = tf.tensor2d(normals("values", count), [1, count]);
    const before = tf.memory().numTensors;
    const values = written(x, bytes);
    expect(tf.memory().numTensors).toBe(before);
    expect(Buffer.from(values.buffer).equals(Buffer.from(x.dataSync().buffer))).toBe(true);
    x.dispose();
  });

  test("writes what is not a number as well", () => {
    const x = tf.tensor1d([Number.NaN, 1, Number.NaN]);
    expect([...written(x, 0)]).toEqual([Number.NaN, 1, Number.NaN]);
    x.dispose();
  });
});
