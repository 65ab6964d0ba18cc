import { describe, expect, test } from "vitest";
import { triplet } from "../../lib/losses/triplet";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "./agreement";
import * as naive from "./naive";

const dimensions = 4;
const labels = [0, 1, 0, 2, 1, 1, 4];
const rows = labels.length;
const classes = tf.tensor1d(labels, "int32");
const embedding = tf.tensor2d(normals("embedding", rows * dimensions), [rows, dimensions]);

describe("the batch-hard triplet loss", () => {
  test.each([0.2, 1])("equals its naive twin and the twin's differences with margin %f", (margin) => {
    expectAgreement({
      shape: [rows, dimensions],
      values: normals("embedding", rows * dimensions),
      loss: (x) => triplet(x as tf.Tensor2D, classes, { margin }),
      twin: (x) => naive.triplet(naive.rowsOf(x, dimensions), labels, margin),
      tolerance: 2e-5,
    });
  });

  test("does not change with the length of embeddings", () => {
    const values = [embedding, tf.mul(embedding, 30) as tf.Tensor2D].map((x) =>
      Number(triplet(x, classes, { margin: 0.5 }).dataSync()[0]),
    );
    expectClose(values[1] ?? Number.NaN, values[0] ?? Number.NaN);
  });

  test("is zero if each class lies in one place, far from the others, with finite gradients", () => {
    const points = tf.oneHot(tf.tensor1d([0, 0, 1, 1], "int32"), 3, 1, 0, "float32");
    const four = tf.tensor1d([0, 0, 1, 1], "int32");
    const { value, grad } = tf.valueAndGrad((x) => triplet(x as tf.Tensor2D, four, { margin: 0.5 }))(points);
    expect(Array.from(value.dataSync())).toEqual([0]);
    expect(Array.from(grad.dataSync()).every(Number.isFinite)).toBe(true);
  });

  test("has finite gradients among equal embeddings and zeros", () => {
    for (const x of [tf.ones([4, 3]), tf.zeros([4, 3])]) {
      const four = tf.tensor1d([0, 0, 1, 1], "int32");
      const gradient = tf.grad((input) => triplet(input as tf.Tensor2D, four, { margin: 0.5 }))(x);
      expect(Array.from(gradient.dataSync()).every((value) => Math.abs(value) < 1)).toBe(true);
    }
  });

  test.each([
    ["one class only", [3, 3, 3]],
    ["a class for each", [0, 1, 2]],
  ])("is zero, not NaN, with %s in the batch", (_, few) => {
    const value = triplet(embedding.slice([0, 0], [3, dimensions]), tf.tensor1d(few, "int32"), { margin: 0.5 });
    expect(Array.from(value.dataSync())).toEqual([0]);
  });

  test.each([0, -1, Number.NaN])("refuses a margin of %f", (margin) => {
    expect(() => triplet(embedding, classes, { margin })).toThrow(new RegExp(`margin.*above 0.* ${margin}$`));
  });
});
