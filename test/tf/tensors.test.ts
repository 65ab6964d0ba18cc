import { describe, expect, test } from "vitest";
import { tf } from "../../lib/tf/tensorflow";
import { tensorNamed, valueAndGradients } from "../../lib/tf/tensors";

describe("valueAndGradients", () => {
  test("equals closed forms: a^2 b summed has slopes 2 a b and a^2; what the loss does not use has zeros", () => {
    const weights = { a: tf.tensor1d([1, -2, 3]), b: tf.tensor1d([4, 5, -6]), unused: tf.ones([2, 2]) };
    const { value, gradients } = valueAndGradients(weights, () =>
      tf.sum(tf.mul(tf.square(weights.a), weights.b)).asScalar(),
    );
    expect(value.dataSync()[0]).toBe(4 + 20 - 54);
    const numbers = Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, Array.from(g.dataSync())]));
    expect(numbers).toEqual({ a: [8, -20, -36], b: [1, 4, 9], unused: [0, 0, 0, 0] });
    expect(gradients.unused?.shape).toEqual([2, 2]);
  });

  test("of a matrix product x W against its closed form: x transposed times the slope", () => {
    const weights = { w: tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]) };
    const x = tf.tensor2d([1, 0, 2, -1, 1, 1], [2, 3]);
    const { gradients } = valueAndGradients(weights, () => tf.sum(tf.matMul(x, weights.w)).asScalar());
    expect(Array.from(gradients.w?.dataSync() ?? [])).toEqual([0, 0, 1, 1, 3, 3]);
  });

  test("makes the value and a gradient for each weight, and nothing else", () => {
    const weights = { a: tf.scalar(2), b: tf.scalar(3) };
    const before = tf.memory().numTensors;
    const { value, gradients } = valueAndGradients(weights, () => tf.mul(tf.exp(weights.a), weights.b).asScalar());
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([value, gradients]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("a tensor that is missing is named, and those that there are", () => {
  const a = tf.scalar(1);
  expect(tensorNamed({ a }, "a")).toBe(a);
  expect(() => tensorNamed({ a, b: a }, "c")).toThrow(/no tensor is called c; .* a, b/);
});
