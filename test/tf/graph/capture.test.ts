import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nativeBackend } from "../../../lib/tf/backend";
import { type Captured, capture } from "../../../lib/tf/graph/capture";
import { NotCapturable } from "../../../lib/tf/graph/recording";
import { runner } from "../../../lib/tf/graph/runner";
import type { PureStep } from "../../../lib/tf/graph/trace";
import { batchNorm, product, relu, softmaxCrossEntropy } from "../../../lib/tf/native";
import { adamUpdate, momentumUpdate } from "../../../lib/tf/optimizer-ops";
import { tf } from "../../../lib/tf/tensorflow";
import { type Tensors, tensorNamed, valueAndGradients } from "../../../lib/tf/tensors";
import { temporaryFolder } from "../../temporary-folder";
import { capturedCourse, expectCaptured, stateNumbers, type Trial, withBatch } from "./courses";

let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

type Rule = "momentum" | "adam";

const normals = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, "float32", seed);
const trainedShapes: Readonly<Record<string, number[]>> = {
  filter: [3, 3, 2, 4],
  scale: [4],
  offset: [4],
  classifier: [4, 3],
};

/** Convolution, normalisation, ReLU, mean and product, towards a distribution: the kernels of tf/native. */
function lossOf(weights: Tensors, inputs: Tensors): tf.Scalar {
  const convolved = tf.conv2d(tensorNamed<tf.Tensor4D>(inputs, "images"), tensorNamed(weights, "filter"), 1, "same");
  const { y, mean, variance } = batchNorm(convolved as tf.Tensor4D, {
    scale: tensorNamed(weights, "scale"),
    offset: tensorNamed(weights, "offset"),
  });
  tf.dispose([mean, variance]);
  const logits = product(tf.mean(relu(y), [1, 2]), tensorNamed(weights, "classifier"));
  return tf.mean(softmaxCrossEntropy(logits, tensorNamed(inputs, "targets")));
}

/** A weight and its slots after a step; `mean` is the velocity of momentum too. */
function moved(rule: Rule, weight: tf.Tensor, mean: tf.Tensor, square: tf.Tensor, gradient: tf.Tensor) {
  const [momentum, rate] = [tf.scalar(0.9), tf.scalar(0.05)];
  if (rule === "momentum")
    return [...momentumUpdate({ weight, velocity: mean, gradient, momentum, rate }), square.clone()];
  const [beta2, epsilon] = [tf.scalar(0.99), tf.scalar(1e-3)];
  return adamUpdate({ weight, mean, square, gradient, beta1: momentum, beta2, rate, epsilon });
}

/** Steps of a small classifier whose state holds weights and both slots of each. */
function classifierTrial(rule: Rule, change: (loss: tf.Scalar) => tf.Scalar = (loss) => loss): Trial {
  const names = Object.keys(trainedShapes);
  const step: PureStep = (state, inputs) =>
    tf.tidy(() => {
      const weights = Object.fromEntries(names.map((name) => [name, tensorNamed(state, name)]));
      const { value, gradients } = valueAndGradients(weights, () => change(lossOf(weights, inputs)));
      const next = names.flatMap((name) => {
        const [mean, square] = [`${name}.mean`, `${name}.square`] as const;
        const slots = [tensorNamed(state, mean), tensorNamed(state, square)] as const;
        const after = moved(rule, tensorNamed(state, name), ...slots, tensorNamed(gradients, name));
        return [name, mean, square].map((part, index) => [part, after[index] as tf.Tensor] as const);
      });
      return { state: Object.fromEntries(next), output: value };
    });
  return {
    step,
    start: () =>
      Object.fromEntries(
        Object.entries(trainedShapes).flatMap(([name, shape], index) => [
          [name, normals(shape, index + 1)],
          [`${name}.mean`, tf.zeros(shape)],
          [`${name}.square`, tf.zeros(shape)],
        ]),
      ),
    batch: (rows, index) => ({
      images: normals([rows, 6, 6, 2], index + 10),
      targets: tf.tidy(() => tf.softmax(normals([rows, 3], index + 20))),
    }),
  };
}

describe("a captured step equals the step run op by op", () => {
  const rows = [8, 8, 6, 8];
  it.each(["momentum", "adam"] as const)("a small classifier by %s, a smaller batch among them", (rule) => {
    expectCaptured(classifierTrial(rule), rows);
  });
  it("to the same bytes on every run", () => {
    const trial = classifierTrial("momentum");
    expect(capturedCourse(trial, rows)).toEqual(capturedCourse(trial, rows));
  });
});

/** Adds the input to "sum" and leaves "fixed"; gives sum * fixed of before. */
const adding: PureStep = (state, inputs) => ({
  state: {
    sum: tf.add(tensorNamed(state, "sum"), tf.sum(tensorNamed(inputs, "x"))),
    fixed: tensorNamed(state, "fixed"),
  },
  output: tf.mul(tensorNamed(state, "sum"), tensorNamed(state, "fixed")),
});

function capturedAdding(sum: number, fixed: number): Captured {
  return withScalars({ sum, fixed }, (state) => capture(adding, state));
}

/** What `make` makes of scalars, which are freed then: it takes their values over. */
function withScalars<T>(values: Readonly<Record<string, number>>, make: (state: Tensors) => T): T {
  const state = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tf.scalar(value)]));
  const made = make(state);
  tf.dispose(state);
  return made;
}

function stepped(step: (inputs: Tensors) => tf.Tensor, x: readonly number[]): number {
  return withBatch({ x: tf.tensor1d([...x]) }, step);
}

describe("state", () => {
  it("comes back as it was put in, before any step", () => {
    const captured = capturedAdding(3, 0.1);
    expect(stateNumbers(captured)).toEqual({ sum: [3], fixed: [Math.fround(0.1)] });
    captured.dispose();
  });
  it("is shared by all input shapes, and outputs are of before the update", () => {
    const captured = capturedAdding(3, 2);
    expect(stepped(captured.step, [1, 2])).toBe(6);
    expect(stepped(captured.step, [10, 20, 30])).toBe(12);
    expect(stepped(captured.step, [100, 200])).toBe(132);
    expect(stateNumbers(captured)).toEqual({ sum: [366], fixed: [2] });
    captured.dispose();
  });
  it("is not shared by two captured steps", () => {
    const one = capturedAdding(0, 1);
    const other = capturedAdding(100, 1);
    stepped(one.step, [1]);
    stepped(other.step, [5]);
    stepped(one.step, [1]);
    expect([stateNumbers(one).sum, stateNumbers(other).sum]).toEqual([[2], [105]]);
    one.dispose();
    expect(stepped(other.step, [1])).toBe(105);
    other.dispose();
  });
  it("stays readable where it was read before a later step", () => {
    const captured = capturedAdding(1, 1);
    const before = captured.state();
    stepped(captured.step, [41]);
    expect(tensorNamed(before, "sum").dataSync()[0]).toBe(1);
    tf.dispose({ ...before });
    captured.dispose();
  });
});

describe("what cannot be captured is refused by name, and the state stays", () => {
  const refusals: readonly [string, PureStep, RegExp][] = [
    [
      "the value of a result",
      (state, { x }) => ({ state, output: tf.scalar(tf.sum(x ?? []).dataSync()[0] ?? 0) }),
      /a value is read: the result of Sum/,
    ],
    [
      "the value of an input",
      (state, { x }) => ({ state, output: tf.scalar(x?.dataSync()[0] ?? 0) }),
      /a value is read: that of the state or of an input/,
    ],
    [
      "an op whose result's shape depends on values",
      (state, { x }) => ({
        state,
        output: tf.sum(nativeBackend().executeSingleOutput("Where", [], [tf.greater(x ?? [], 1)])),
      }),
      /the shape of Where's result depends on values/,
    ],
    [
      "a state of another shape",
      ({ fixed, sum }, { x }) => ({
        state: { fixed: fixed ?? tf.scalar(0), sum: x ?? tf.scalar(0) },
        output: tf.add(sum ?? 0, 1),
      }),
      /sum was .*"shape":\[\].* and becomes .*"shape":\[2\]/,
    ],
    [
      "a state of other names",
      (state) => ({ state: { ...state, more: tf.scalar(1) }, output: tf.scalar(1) }),
      /the state was fixed, sum and becomes fixed, more, sum/,
    ],
  ];
  for (const [what, step, message] of refusals) {
    it(what, () => {
      const captured = withScalars({ sum: 7, fixed: 1 }, (state) => capture(step, state));
      expect(() => stepped(captured.step, [1, 2])).toThrow(NotCapturable);
      expect(() => stepped(captured.step, [1, 2])).toThrow(message);
      expect(stateNumbers(captured)).toEqual({ sum: [7], fixed: [1] });
      captured.dispose();
    });
  }
  it("a step that reads within a gradient leaves no tensor behind", () => {
    const trial = classifierTrial("momentum", (loss) => tf.mul(loss, loss.dataSync()[0] ?? 0));
    expect(() => capturedCourse(trial, [4])).toThrow(/a value is read: the result of Mean/);
  });
});

describe("a runner", () => {
  it("goes on op by op where a step is refused, and says why", () => {
    const reading: PureStep = (state, { x }) => ({
      state: { sum: tf.add(tensorNamed(state, "sum"), x?.dataSync()[0] ?? 0) },
      output: tensorNamed(state, "sum").clone(),
    });
    const running = withScalars({ sum: 1 }, (state) => runner(reading, state));
    expect(running.notCaptured()).toBeNull();
    expect([stepped(running.step, [2]), stepped(running.step, [3])]).toEqual([1, 3]);
    expect(running.notCaptured()).toMatch(/a value is read/);
    expect(stateNumbers(running)).toEqual({ sum: [6] });
    running.dispose();
  });

  it("gives op by op what a graph gives: an output that is the state, and a state that no tf.tidy frees", () => {
    const steps = [false, true].map((reads) => (state: Tensors, inputs: Tensors) => {
      if (reads) inputs.x?.dataSync();
      const sum = tf.add(tensorNamed(state, "sum"), tf.sum(tensorNamed(inputs, "x")));
      return { state: { sum }, output: sum };
    });
    const found = steps.map((step) => {
      const running = withScalars({ sum: 1 }, (state) => runner(step, state));
      const outputs = [2, 3, 4].map((x) => tf.tidy(() => stepped(running.step, [x])));
      const sum = stateNumbers(running);
      running.dispose();
      return { outputs, sum };
    });
    expect(found[0]).toEqual({ outputs: [3, 6, 10], sum: { sum: [10] } });
    expect(found[1]).toEqual(found[0]);
  });
});

it("leaves no temporary folder", () => {
  const folder = temporaryFolder();
  vi.stubEnv("TMPDIR", folder);
  try {
    const captured = capturedAdding(0, 1);
    stepped(captured.step, [1]);
    expect(readdirSync(folder)).toEqual([]);
    captured.dispose();
  } finally {
    vi.unstubAllEnvs();
  }
});
