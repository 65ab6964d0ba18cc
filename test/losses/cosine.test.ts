import { describe, expect, test } from "vitest";
import { cosineDistance } from "../../lib/losses/alignment";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "./agreement";
import * as naive from "./naive";

const target = normals("target", 20);
const distance = (x: tf.Tensor): number =>
  cosineDistance(x as tf.Tensor2D, tf.tensor2d(target, [5, 4])).dataSync()[0] ?? Number.NaN;

describe("the cosine distance", () => {
  test("equals its naive twin and the twin's differences", () => {
    const rows = tf.tensor2d(target, [5, 4]);
    expectAgreement({
      shape: [5, 4],
      values: normals("prediction", 20),
      loss: (x) => cosineDistance(x as tf.Tensor2D, rows),
      twin: (x) => naive.cosineDistance(naive.rowsOf(x, 4), naive.rowsOf(target, 4)),
    });
  });

  test("is 0 for any positive multiple of the target, 2 for a negative one and 1 for zeros", () => {
    const rows = tf.tensor2d(target, [5, 4]);
    expectClose(distance(tf.mul(rows, 7)), 0, 1e-6);
    expectClose(distance(tf.mul(rows, -0.2)), 2, 1e-6);
    expect(distance(tf.zeros([5, 4]))).toBe(1);
  });
});
