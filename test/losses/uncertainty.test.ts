import { describe, expect, test } from "vitest";
import { alignmentPerSample } from "../../lib/losses/alignment";
import { discounted, uncertainty } from "../../lib/losses/uncertainty";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "./agreement";
import golden from "./losses.golden.json";
import * as naive from "./naive";

const dimensions = 4;
const classes = 3;
const labels = [2, 0, 1, 1, 0];
const batch = labels.length;
const values = {
  prediction: normals("prediction", batch * dimensions),
  target: normals("target", batch * dimensions),
  logVariance: normals("log variance", batch),
  classifier: normals("classifier", dimensions * classes),
};
const inputs = {
  prediction: tf.tensor2d(values.prediction, [batch, dimensions]),
  target: tf.tensor2d(values.target, [batch, dimensions]),
  logVariance: tf.tensor1d(values.logVariance),
  labels: tf.tensor1d(labels, "int32"),
};

const classifier = tf.tensor2d(values.classifier, [dimensions, classes]);
const logitsOf = (prediction: tf.Tensor): tf.Tensor2D => tf.matMul(prediction as tf.Tensor2D, classifier);

function twin(prediction: ArrayLike<number>, logVariance: ArrayLike<number>, weight: number): number {
  const rows = naive.rowsOf(prediction, dimensions);
  const logits = naive.product(rows, naive.rowsOf(values.classifier, classes));
  const classification = naive.crossEntropies(logits, labels, 0.1);
  const losses = naive.alignments(rows, naive.rowsOf(values.target, dimensions));
  const combined = losses.map((loss, i) => loss + weight * (classification[i] ?? Number.NaN));
  return naive.discounted(combined, Array.from(logVariance));
}

describe("FastFill's loss", () => {
  test("agrees with PyTorch's, per sample and in the batch", () => {
    const {
      prediction,
      target,
      logVariance,
      perSample,
      value_half_l_exp_minus_s_plus_half_s: value,
    } = golden.gaussianNll;
    const shape: [number, number] = [logVariance.length, prediction.length / logVariance.length];
    const losses = alignmentPerSample(tf.tensor2d(prediction, shape), tf.tensor2d(target, shape));
    losses.dataSync().forEach((loss, i) => {
      expectClose(loss, perSample[i] ?? Number.NaN);
    });
    expectClose(discounted(losses, tf.tensor1d(logVariance)).dataSync()[0] ?? Number.NaN, value);
  });

  test.each([0, 1, 2.5])(
    "equals its naive twin and the twin's differences by h, classification weight %f",
    (weight) => {
      expectAgreement({
        shape: [batch, dimensions],
        values: values.prediction,
        loss: (x) =>
          uncertainty(
            { ...inputs, prediction: x as tf.Tensor2D, logits: logitsOf(x) },
            { classificationWeight: weight },
          ),
        twin: (x) => twin(x, values.logVariance, weight),
      });
    },
  );

  test("equals its naive twin and the twin's differences by the log variance", () => {
    expectAgreement({
      shape: [batch],
      values: values.logVariance,
      loss: (x) => uncertainty({ ...inputs, logits: logitsOf(inputs.prediction), logVariance: x as tf.Tensor1D }),
      twin: (x) => twin(values.prediction, x, 1),
    });
  });

  test("is smallest if the log variance is the logarithm of the loss", () => {
    const losses = tf.tensor1d([0.3, 2, 5]);
    const gradient = tf.grad((s) => discounted(losses, s as tf.Tensor1D))(tf.log(losses));
    expect(Math.max(...Array.from(gradient.dataSync(), Math.abs))).toBeLessThan(1e-6);
  });
});
