import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type DistillationMask, maskedDistillation, type TokenPredictions } from "../../lib/losses/masked-distillation";
import { runner } from "../../lib/tf/graph/runner";
import { tf } from "../../lib/tf/tensorflow";
import { tensorNamed } from "../../lib/tf/tensors";
import { expectAgreement, expectClose } from "./agreement";

const golden = JSON.parse(readFileSync(join(__dirname, "masked-distillation.golden.json"), "utf8")) as {
  readonly texts: number;
  readonly length: number;
  readonly vocabulary: number;
  readonly student: readonly number[];
  readonly old: readonly number[];
  readonly next: readonly number[];
  readonly targets: readonly number[];
  readonly weights: readonly number[];
  readonly cases: readonly {
    readonly mask: DistillationMask;
    readonly temperature: number;
    readonly share: number;
    readonly loss: number;
    readonly gradient: readonly number[];
  }[];
};
const { texts, length, vocabulary } = golden;
const rows = texts * length;
const logits = (values: readonly number[]): tf.Tensor2D => tf.tensor2d([...values], [rows, vocabulary]);

function predictionsOf(student: tf.Tensor2D): TokenPredictions {
  return {
    student,
    old: logits(golden.old),
    next: logits(golden.next),
    targets: tf.tensor1d([...golden.targets], "int32"),
    weights: tf.tensor2d([...golden.weights], [texts, length]),
  };
}

describe("masked distillation", () => {
  test.each(golden.cases)("equals PyTorch's with the mask $mask at temperature $temperature", (expected) => {
    const { mask, temperature, share } = expected;
    const before = tf.memory().numTensors;
    const student = logits(golden.student);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      maskedDistillation(predictionsOf(x as tf.Tensor2D), { mask, temperature, share }),
    )(student);
    expectClose(value.dataSync()[0] ?? Number.NaN, expected.loss, 1e-6);
    grad.dataSync().forEach((slope, i) => {
      expectClose(slope, expected.gradient[i] ?? Number.NaN, 1e-6);
    });
    tf.dispose([student, value, grad]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("has a case of every mask, as a captured graph too", () => {
    expect(new Set(golden.cases.map(({ mask }) => mask)).size).toBe(6);
    for (const { mask, temperature, share, loss } of golden.cases) {
      const state = { scale: tf.scalar(1) };
      const running = runner((before, { student }) => {
        const { value, grad } = tf.valueAndGrad((scale: tf.Tensor) =>
          maskedDistillation(predictionsOf(tf.mul(student as tf.Tensor2D, scale)), { mask, temperature, share }),
        )(tensorNamed(before, "scale"));
        return { state: { scale: tf.sub(tensorNamed(before, "scale"), tf.mul(grad, 0)) }, output: value };
      }, state);
      const student = logits(golden.student);
      const output = running.step({ student });
      expect(running.notCaptured()).toBeNull();
      expectClose(output.dataSync()[0] ?? Number.NaN, loss, 1e-6);
      running.dispose();
      tf.dispose([output, student, state]);
    }
  });

  test("is zero, with no gradient, where the student is the teacher", () => {
    const same = logits(golden.old);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      maskedDistillation(predictionsOf(x as tf.Tensor2D), { mask: "all", temperature: 2 }),
    )(same);
    expectClose(value.dataSync()[0] ?? Number.NaN, 0, 1e-6);
    for (const slope of grad.dataSync()) expectClose(slope, 0, 1e-6);
    tf.dispose([same, value, grad]);
  });

  test("equals its twin in 64 bits and that twin's central differences", () => {
    expectAgreement({
      shape: [rows, vocabulary],
      values: golden.student,
      loss: (x) => maskedDistillation(predictionsOf(x as tf.Tensor2D), { mask: "student-wrong", temperature: 2 }),
      twin: (x) => naive(x, 2),
    });
  });

  test("refuses a temperature and a share out of range", () => {
    const student = logits(golden.student);
    const predictions = predictionsOf(student);
    const refused = (temperature: number, share?: number) => () =>
      maskedDistillation(predictions, { mask: "all", temperature, ...(share === undefined ? {} : { share }) });
    expect(refused(0)).toThrow(/temperature: .* above 0, got 0/);
    expect(refused(1, 1.5)).toThrow(/share .* \[0, 1\], got 1.5/);
    tf.dispose([student, { ...predictions }]);
  });
});

/** The loss of the student-wrong mask, token by token. */
function naive(student: Float64Array, temperature: number): number {
  const row = (values: ArrayLike<number>, i: number): number[] =>
    Array.from({ length: vocabulary }, (_, j) => values[i * vocabulary + j] as number);
  const probabilities = (values: number[]): number[] => {
    const powers = values.map((value) => Math.exp(value / temperature));
    return powers.map((power) => power / powers.reduce((sum, other) => sum + other, 0));
  };
  let [sum, counted] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const own = row(student, i);
    const isRight = own.indexOf(Math.max(...own)) === golden.targets[i];
    const q = probabilities(own);
    const p = probabilities(row(isRight ? golden.next : golden.old, i));
    const weight = golden.weights[i] as number;
    sum += weight * p.reduce((total, value, j) => total + value * Math.log(value / (q[j] as number)), 0);
    counted += weight;
  }
  return sum / counted;
}
