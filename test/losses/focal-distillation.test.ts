import { describe, expect, test } from "vitest";
import { focalDistillation } from "../../lib/losses/focal-distillation";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, normals } from "./agreement";
import { rowsOf } from "./naive";

const [batch, classes] = [5, 4];
const labels = [0, 3, 2, 1, 3];
const known = [1, 1, 0, 1, 0];
const old = normals("old", batch * classes, 2);
const weights = { base: 1, right: 5 };

function logSoftmax(row: readonly number[]): number[] {
  const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
  return row.map((value) => value - total);
}

/** The mean over all images, in plain loops. */
function twin(student: Float64Array): number {
  const before = rowsOf(old, classes);
  const terms = rowsOf(student, classes).map((row, i) => {
    const [teacher, own] = [before[i] ?? [], row].map(logSoftmax);
    const isRight = teacher?.indexOf(Math.max(...teacher)) === labels[i];
    const divergence = (teacher ?? []).reduce((sum, p, c) => sum + Math.exp(p) * (p - (own?.[c] ?? 0)), 0);
    return (known[i] ?? 0) * (weights.base + (isRight ? weights.right : 0)) * divergence;
  });
  return terms.reduce((sum, term) => sum + term, 0) / batch;
}

function loss(student: tf.Tensor, focal = weights): tf.Scalar {
  return tf.tidy(() => {
    const given = { student: student as tf.Tensor2D, old: tf.tensor2d(old, [batch, classes]) };
    return focalDistillation(
      { ...given, labels: tf.tensor1d(labels, "int32"), known: tf.tensor1d(known, "float32") },
      focal,
    );
  });
}

describe("focal distillation", () => {
  test("equals plain loops, and its gradient their differences", () => {
    expectAgreement({ shape: [batch, classes], values: normals("student", batch * classes), loss, twin });
  });

  test("is zero for a student that answers as the old model, and refuses weights below 0", () => {
    const student = tf.tensor2d(old, [batch, classes]);
    expect(loss(student).dataSync()[0]).toBeCloseTo(0, 6);
    expect(() => loss(student, { base: 1, right: -1 })).toThrow(/focal distillation: .* at least 0, got -1/);
    student.dispose();
  });
});
