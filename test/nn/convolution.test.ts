import { describe, expect, test } from "vitest";
import type { NamedArray } from "../../lib/core/named-arrays";
import { convolve, convolveDepthwise, globalAveragePool, maxPool } from "../../lib/nn/convolution";
import { tf } from "../../lib/tf/tensorflow";
import { expectClose, normals } from "../losses/agreement";
import { naiveConvolve, naiveMaxPool } from "./naive-convolution";

function drawn(name: string, ...shape: number[]): NamedArray {
  return {
    shape,
    data: normals(
      name,
      shape.reduce((a, b) => a * b, 1),
    ),
  };
}

function tensorOf({ shape, data }: NamedArray): tf.Tensor4D {
  return tf.tensor<tf.Rank.R4>(data, [...shape] as [number, number, number, number]);
}

function expectNumbers(actual: tf.Tensor, expected: readonly number[], tolerance: number): void {
  const values = actual.dataSync();
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expectClose(values[i] ?? Number.NaN, value, tolerance);
  });
}

const cases = [1, 2].flatMap((stride) =>
  [1, 3, 7].flatMap((side) =>
    [
      [8, 6] as const,
      [7, 5] as const,
      [9, 9] as const,
      [4, 4] as const,
      [3, 1] as const,
      [2, 2] as const,
      [1, 2] as const,
      [1, 1] as const,
    ].map((size) => ({ stride, side, size })),
  ),
);

describe("convolve", () => {
  test.each(cases)("equals its naive twin: stride $stride, side $side, image $size", ({ stride, side, size }) => {
    const x = drawn("image", 2, ...size, 3);
    const filter = drawn("filter", side, side, 3, 4);
    const y = tf.tidy(() => convolve(tensorOf(x), tensorOf(filter), stride));
    expectNumbers(y, naiveConvolve(x, filter, stride), 1e-5);
  });

  test.each(cases)("has the plain convolution's gradients: stride $stride, side $side, image $size", (each) => {
    const { stride, side, size } = each;
    const inputs = [tensorOf(drawn("image", 2, ...size, 3)), tensorOf(drawn("filter", side, side, 3, 4))];
    const by = (side - 1) / 2;
    const plain = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor => {
      const padded = tf.pad(x as tf.Tensor4D, [
        [0, 0],
        [by, by],
        [by, by],
        [0, 0],
      ]);
      return tf.conv2d(padded as tf.Tensor4D, filter as tf.Tensor4D, stride, "valid");
    };
    const ours = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
      convolve(x as tf.Tensor4D, filter as tf.Tensor4D, stride);
    const gradients = (convolution: typeof plain): tf.Tensor[] =>
      tf.grads((x, filter) => tf.sum(tf.square(convolution(x, filter))))(inputs);
    const [expected, actual] = [gradients(plain), gradients(ours)];
    expected.forEach((gradient, i) => {
      const largest = tf.max(tf.abs(gradient));
      const shares = (tensor: tf.Tensor | undefined): tf.Tensor => tf.div(tensor ?? Number.NaN, largest);
      expectNumbers(shares(actual[i]), [...shares(gradient).dataSync()], 1e-5);
    });
    tf.dispose([inputs, expected, actual]);
  });
});

describe("convolveDepthwise", () => {
  /** The full filter [side, side, 3, 3] with the depthwise one on its diagonal. */
  function full({ shape, data }: NamedArray): NamedArray {
    const [side = 0] = shape;
    const values = Array.from({ length: side * side * 9 }, (_, i) => {
      const [input, output] = [Math.floor(i / 3) % 3, i % 3];
      return input === output ? (data[Math.floor(i / 9) * 3 + input] ?? Number.NaN) : 0;
    });
    return { shape: [side, side, 3, 3], data: Float32Array.from(values) };
  }

  test.each(cases)("equals its naive twin: stride $stride, side $side, image $size", ({ stride, side, size }) => {
    const x = drawn("image", 2, ...size, 3);
    const filter = drawn("filter", side, side, 3, 1);
    const y = tf.tidy(() => convolveDepthwise(tensorOf(x), tensorOf(filter), stride));
    expectNumbers(y, naiveConvolve(x, full(filter), stride), 1e-5);
  });
});

describe("maxPool", () => {
  test.each([
    [8, 6],
    [7, 5],
    [1, 1],
    [2, 3],
  ] as const)("equals its naive twin after a ReLU: image %i x %i", (...size) => {
    const { shape, data } = drawn("pool", 2, ...size, 3);
    const x = { shape, data: data.map((value) => Math.max(0, value)) as Float32Array };
    expectNumbers(
      tf.tidy(() => maxPool(tensorOf(x))),
      naiveMaxPool(x),
      1e-7,
    );
  });
});

test("globalAveragePool is the mean over the image of each channel", () => {
  const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 6, 0], [1, 2, 2, 2]);
  expect(Array.from(globalAveragePool(x).dataSync())).toEqual([3, 15]);
});
