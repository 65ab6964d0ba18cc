import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NamedArrays } from "../../../lib/core/named-arrays";
import { random } from "../../../lib/core/random";
import { alignment } from "../../../lib/losses/alignment";
import { compatibility } from "../../../lib/losses/compatibility";
import { contrastive } from "../../../lib/losses/contrastive";
import { crossEntropy } from "../../../lib/losses/cross-entropy";
import { marginLogits } from "../../../lib/losses/margin";
import { convolve, globalAveragePool, maxPool } from "../../../lib/nn/convolution";
import {
  type ConvolutionNet,
  convolutionNet,
  decoder,
  initialConvolutionNet,
  initialDecoder,
} from "../../../lib/nn/convolution-net";
import { initialConvolution, initialLinear, initialNorm } from "../../../lib/nn/initial";
import { isStatistic, normalise, type Pass } from "../../../lib/nn/pass";
import { initialTransformation, transformation } from "../../../lib/nn/transformation";
import { prefixed, toTensors } from "../../../lib/nn/weights";
import { type OptimizerRecipe, optimizer } from "../../../lib/optim/optimizer";
import { nativeBackend } from "../../../lib/tf/backend";
import { type Captured, capture } from "../../../lib/tf/graph/capture";
import { NotCapturable } from "../../../lib/tf/graph/recording";
import { runner } from "../../../lib/tf/graph/runner";
import type { PureStep } from "../../../lib/tf/graph/trace";
import { entriesAt, relu } from "../../../lib/tf/native";
import { tf } from "../../../lib/tf/tensorflow";
import { type Tensors, tensorNamed } from "../../../lib/tf/tensors";
import { type Loss, trainingStep } from "../../../lib/training/training-step";
import { temporaryFolder } from "../../temporary-folder";

const sgd: OptimizerRecipe = { kind: "sgd", momentum: 0.9, weightDecay: 5e-4 };
const adam: OptimizerRecipe = { kind: "adam", weightDecay: 1e-4 };

interface Training {
  readonly weights: NamedArrays;
  readonly loss: Loss;
  readonly batch: (rows: number, index: number) => Tensors;
}

let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

const normals = (shape: number[], index: number): tf.Tensor => tf.randomNormal(shape, 0, 1, "float32", index + 1);
const labels = (rows: number, classes: number, index: number): tf.Tensor1D =>
  tf.tensor1d(
    Array.from({ length: rows }, (_, row) => (row * 5 + index) % classes),
    "int32",
  );

/** A stem with pooling and one residual block with a strided shortcut: every op of a ResNet. */
const small: Training = {
  weights: {
    stem: initialConvolution(random(1, "stem"), 7, 3, 8),
    ...initialNorm("stem.norm", 8),
    first: initialConvolution(random(1, "first"), 3, 8, 16),
    ...initialNorm("first.norm", 16),
    shortcut: initialConvolution(random(1, "shortcut"), 1, 8, 16),
    ...initialNorm("shortcut.norm", 16),
    classifier: initialLinear(random(1, "classifier"), 16, 5),
  },
  loss: (pass, batch) =>
    crossEntropy(
      tf.matMul(smallResNet(pass, tensorNamed(batch, "images")), tensorNamed<tf.Tensor2D>(pass.weights, "classifier")),
      tensorNamed(batch, "labels"),
      { smoothing: 0.1 },
    ),
  batch: (rows, index) => ({ images: normals([rows, 16, 16, 3], index), labels: labels(rows, 5, index) }),
};

function smallResNet(pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  const weight = (name: string): tf.Tensor4D => tensorNamed(pass.weights, name);
  const x = maxPool(relu(normalise(pass, "stem.norm", convolve(images, weight("stem"), 2))));
  const y = normalise(pass, "first.norm", convolve(x, weight("first"), 2));
  const z = normalise(pass, "shortcut.norm", convolve(x, weight("shortcut"), 2));
  return globalAveragePool(relu(tf.add(y, z)));
}

const h: Training = {
  weights: initialTransformation({ old: 6, side: 4, target: 5, inner: 12 }, random(2, "h")),
  loss: (pass, batch) =>
    alignment(
      transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side")),
      tensorNamed(batch, "target"),
    ),
  batch: (rows, index) => ({
    old: normals([rows, 6], index),
    side: normals([rows, 4], index + 100),
    target: normals([rows, 5], index + 200),
  }),
};

const net: ConvolutionNet = { kind: "convolution-net", channels: 6, side: 16, embedding: 4 };
const images: Training["batch"] = (rows, index) => ({ images: normals([rows, 16, 16, 3], index) });

const simclr: Training = {
  weights: initialConvolutionNet(net, random(3, "net")),
  loss: (pass, batch) => contrastive(convolutionNet(net, pass, tensorNamed(batch, "images")), { temperature: 0.5 }),
  batch: images,
};

const autoencoder: Training = {
  weights: { ...simclr.weights, ...initialDecoder(net, random(4, "decoder")) },
  loss: (pass, batch) => {
    const input = tensorNamed<tf.Tensor4D>(batch, "images");
    return tf.mean(tf.squaredDifference(decoder(net, pass, convolutionNet(net, pass, input)), input));
  },
  batch: images,
};

function stateOf({ weights }: Training, recipe: OptimizerRecipe): Tensors {
  const tensors = toTensors(weights);
  const trained = Object.fromEntries(Object.entries(tensors).filter(([name]) => !isStatistic(name)));
  const slots = optimizer(recipe).initialSlots(trained);
  return { ...prefixed(tensors, "weights."), ...prefixed(slots, "slots."), step: tf.scalar(0) };
}

function pureStep({ loss }: Training, recipe: OptimizerRecipe, frozenNorm: boolean): PureStep {
  const step = trainingStep(loss, optimizer(recipe), frozenNorm);
  return (before, batch) => {
    const { state, loss: output } = step(before, batch);
    return { state, output };
  };
}

/** Losses and last state over `rows.length` steps with batches of so many rows. */
interface Course {
  readonly losses: readonly number[];
  readonly state: Readonly<Record<string, readonly number[]>>;
}

function course(training: Training, rows: readonly number[], step: (batch: Tensors) => tf.Tensor): readonly number[] {
  return rows.map((count, index) => {
    const batch = { ...training.batch(count, index), learningRate: tf.scalar(0.05 / (index + 1)) };
    try {
      return numberOf(step(batch));
    } finally {
      tf.dispose(batch);
    }
  });
}

function numberOf(scalar: tf.Tensor): number {
  const value = scalar.dataSync()[0] ?? Number.NaN;
  scalar.dispose();
  return value;
}

function values(tensors: Tensors): Course["state"] {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]));
}

function eagerCourse(training: Training, recipe: OptimizerRecipe, frozen: boolean, rows: readonly number[]): Course {
  const step = pureStep(training, recipe, frozen);
  let state = stateOf(training, recipe);
  const losses = course(training, rows, (batch) => {
    const next = step(state, batch);
    tf.dispose({ ...state });
    state = next.state;
    return next.output;
  });
  const last = values(state);
  tf.dispose({ ...state });
  return { losses, state: last };
}

function capturedCourse(training: Training, recipe: OptimizerRecipe, frozen: boolean, rows: readonly number[]): Course {
  const state = stateOf(training, recipe);
  const captured = capture(pureStep(training, recipe, frozen), state);
  tf.dispose({ ...state });
  try {
    return { losses: course(training, rows, captured.step), state: stateValues(captured) };
  } finally {
    captured.dispose();
  }
}

function expectEqualCourses(ours: Course, expected: Course): void {
  for (const [index, loss] of expected.losses.entries()) expect(ours.losses[index]).toBeCloseTo(loss, 5);
  expect(Object.keys(ours.state).sort()).toEqual(Object.keys(expected.state).sort());
  for (const [name, numbers] of Object.entries(expected.state)) {
    const largest = Math.max(1, ...numbers.map(Math.abs));
    const differences = numbers.map((number, index) => Math.abs(number - (ours.state[name]?.[index] ?? Number.NaN)));
    expect(Math.max(...differences) / largest, name).toBeLessThan(1e-5);
  }
}

describe("a captured training step equals the step run op by op", () => {
  const rows = [8, 8, 8, 6, 8];
  for (const recipe of [sgd, adam]) {
    for (const frozen of [false, true]) {
      const mode = `${recipe.kind}, ${frozen ? "running" : "batch"} statistics`;
      for (const [name, training] of Object.entries({ "a small ResNet": small, h })) {
        it(`${name}, ${mode}, a smaller batch among them`, () => {
          const ours = capturedCourse(training, recipe, frozen, rows);
          expectEqualCourses(ours, eagerCourse(training, recipe, frozen, rows));
        });
      }
    }
  }
  it("SimCLR on the convolution net", () => {
    expectEqualCourses(capturedCourse(simclr, adam, false, rows), eagerCourse(simclr, adam, false, rows));
  });
  it("the autoencoder", () => {
    expectEqualCourses(capturedCourse(autoencoder, adam, false, rows), eagerCourse(autoencoder, adam, false, rows));
  });
  it("margins, and compatibility with a frozen classifier", () => {
    const old = tf.randomNormal<tf.Rank.R2>([16, 5], 0, 1, "float32", 7);
    const isOld = tf.tensor1d([1, 1, 0, 1, 0]);
    const loss: Loss = (pass, batch) => {
      const embedding = smallResNet(pass, tensorNamed(batch, "images"));
      const classes = tensorNamed<tf.Tensor1D>(batch, "labels");
      const classifier = tensorNamed<tf.Tensor2D>(pass.weights, "classifier");
      const logits = marginLogits(embedding, classifier, classes, { kind: "arcface", scale: 8, margin: 0.2 });
      const mask = entriesAt(isOld, classes);
      const influence = compatibility({ logits: tf.matMul(embedding, old) as tf.Tensor2D, labels: classes, mask });
      return tf.add(crossEntropy(logits, classes), influence);
    };
    const both = { ...small, loss };
    expectEqualCourses(capturedCourse(both, sgd, false, rows), eagerCourse(both, sgd, false, rows));
    tf.dispose([old, isOld]);
  });
  it("to the same bytes on every run", () => {
    expect(capturedCourse(small, sgd, false, rows)).toEqual(capturedCourse(small, sgd, false, rows));
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
  const input = tf.tensor1d([...x]);
  try {
    return numberOf(step({ x: input }));
  } finally {
    input.dispose();
  }
}

function stateValues(captured: Pick<ReturnType<typeof capture>, "state">): Course["state"] {
  const state = captured.state();
  const read = values(state);
  tf.dispose({ ...state });
  return read;
}

describe("state", () => {
  it("comes back as it was put in, before any step", () => {
    const captured = capturedAdding(3, 0.1);
    expect(stateValues(captured)).toEqual({ sum: [3], fixed: [Math.fround(0.1)] });
    captured.dispose();
  });
  it("is shared by all input shapes, and outputs are of before the update", () => {
    const captured = capturedAdding(3, 2);
    expect(stepped(captured.step, [1, 2])).toBe(6);
    expect(stepped(captured.step, [10, 20, 30])).toBe(12);
    expect(stepped(captured.step, [100, 200])).toBe(132);
    expect(stateValues(captured)).toEqual({ sum: [366], fixed: [2] });
    captured.dispose();
  });
  it("is not shared by two captured steps", () => {
    const one = capturedAdding(0, 1);
    const other = capturedAdding(100, 1);
    stepped(one.step, [1]);
    stepped(other.step, [5]);
    stepped(one.step, [1]);
    expect([stateValues(one).sum, stateValues(other).sum]).toEqual([[2], [105]]);
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
      expect(stateValues(captured)).toEqual({ sum: [7], fixed: [1] });
      captured.dispose();
    });
  }
  it("a training step that reads leaves no tensor behind", () => {
    const loss: Loss = (pass, batch) => {
      const value = small.loss(pass, batch, {});
      return tf.mul(value, value.dataSync()[0] ?? 0);
    };
    expect(() => capturedCourse({ ...small, loss }, sgd, false, [4])).toThrow(/a value is read: the result of Mean/);
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
    expect(stateValues(running)).toEqual({ sum: [6] });
    running.dispose();
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
