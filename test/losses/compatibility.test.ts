import { describe, expect, test } from "vitest";
import { compatibility } from "../../lib/losses/compatibility";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, normals } from "./agreement";
import * as naive from "./naive";

const dimensions = 4;
const classes = 3;
// The last two labels are of classes the old classifier does not know.
const labels = [2, 0, 1, 7, 3];
const weights = normals("old classifier", dimensions * classes);
const oldClassifier = tf.tensor2d(weights, [dimensions, classes]);
const logitsOf = (embedding: tf.Tensor): tf.Tensor2D => tf.matMul(embedding as tf.Tensor2D, oldClassifier);
const values = normals("new embedding", labels.length * dimensions);

describe("BCT's compatibility loss", () => {
  test.each([[[1, 1, 1, 0, 0]], [[0, 1, 0, 0, 0]], [[0, 0, 0, 0, 0]]])(
    "equals its naive twin and the twin's differences with the mask %o",
    (selected) => {
      const mask = tf.tensor1d(selected, "float32");
      const targets = tf.tensor1d(labels, "int32");
      expectAgreement({
        shape: [labels.length, dimensions],
        values,
        loss: (x) => compatibility({ logits: logitsOf(x), labels: targets, mask }, { smoothing: 0.1 }),
        twin: (x) => {
          const logits = naive.product(naive.rowsOf(x, dimensions), naive.rowsOf(weights, classes));
          return naive.compatibility(logits, labels, selected, 0.1);
        },
      });
    },
  );

  test("is exactly zero, with a zero gradient, when no sample is of an old class", () => {
    const mask = tf.zeros([labels.length]) as tf.Tensor1D;
    const targets = tf.tensor1d(labels, "int32");
    const { value, grad } = tf.valueAndGrad((x) => compatibility({ logits: logitsOf(x), labels: targets, mask }))(
      tf.tensor2d(values, [labels.length, dimensions]),
    );
    expect(Array.from(value.dataSync())).toEqual([0]);
    expect(Array.from(grad.dataSync(), Math.abs)).toEqual(new Array(values.length).fill(0));
  });
});
