import { describe, expect, test } from "vitest";
import { crossEntropy } from "../../lib/losses/cross-entropy";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "./agreement";
import golden from "./losses.golden.json";
import * as naive from "./naive";

const labels = [2, 0, 4, 4, 1];
const classes = 5;

describe("cross-entropy", () => {
  test.each([
    [0, golden.crossEntropy],
    [0.1, golden["labelSmoothing0.1"]],
  ])("agrees with PyTorch's at smoothing %f", (smoothing, expected) => {
    const logits = tf.tensor2d(golden.logits, [golden.labels.length, golden.classes]);
    const loss = crossEntropy(logits, tf.tensor1d(golden.labels, "int32"), { smoothing });
    expectClose(loss.dataSync()[0] ?? Number.NaN, expected);
  });

  test.each([0, 0.1, 0.9])("equals its naive twin and the twin's differences at smoothing %f", (smoothing) => {
    const targets = tf.tensor1d(labels, "int32");
    expectAgreement({
      shape: [labels.length, classes],
      values: normals("logits", labels.length * classes, 3),
      loss: (x) => crossEntropy(x as tf.Tensor2D, targets, { smoothing }),
      twin: (x) => naive.crossEntropy(naive.rowsOf(x, classes), labels, smoothing),
    });
  });

  test("stays finite on logits whose exponentials overflow", () => {
    const loss = crossEntropy(tf.tensor2d([[1000, -1000, 0]]), tf.tensor1d([1], "int32"));
    expectClose(loss.dataSync()[0] ?? Number.NaN, 2000);
  });

  test.each([-0.1, 1, Number.NaN])("refuses a smoothing of %f", (smoothing) => {
    expect(() => crossEntropy(tf.zeros([1, 2]), tf.tensor1d([0], "int32"), { smoothing })).toThrow(
      new RegExp(`label smoothing.*\\[0, 1\\).* ${smoothing}$`),
    );
  });
});
