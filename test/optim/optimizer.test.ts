import { describe, expect, test } from "vitest";
import { type OptimizerRecipe, optimizer } from "../../lib/optim/optimizer";
import type { Optimized } from "../../lib/optim/update";
import { tf } from "../../lib/tf/tensorflow";
import type { Tensors } from "../../lib/tf/tensors";
import { normals } from "../losses/agreement";

type Numbers = Record<string, number[]>;

const shapes = { "stem.convolution": [3, 3, 2, 4], classifier: [4, 2], scale: [4] };
const names = Object.keys(shapes) as (keyof typeof shapes)[];
const rates = [0.1, 0.2, 0.3, 0.2, 0.1, 0.05];

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
const numbers = (stream: string, scale = 1): Numbers =>
  Object.fromEntries(names.map((name) => [name, Array.from(normals(`${stream} ${name}`, size(shapes[name]), scale))]));
const tensors = (values: Numbers): Tensors =>
  Object.fromEntries(names.map((name) => [name, tf.tensor(values[name] ?? [], shapes[name])]));
const gradientsOf = (update: number): Numbers => numbers(`gradient ${update}`, 10 ** (update - 3));

/** All updates, as a training loop makes them: what is replaced is freed at once. */
function run(recipe: OptimizerRecipe, start: Numbers): Optimized {
  const { initialSlots, update } = optimizer(recipe);
  const weights = tensors(start);
  let state: Optimized = { weights, slots: initialSlots(weights) };
  rates.forEach((rate, index) => {
    const inputs = { gradients: tensors(gradientsOf(index)), learningRate: tf.scalar(rate), step: tf.scalar(index) };
    const next = update({ ...state, ...inputs });
    tf.dispose([state.weights, state.slots, inputs.gradients, inputs.learningRate, inputs.step]);
    state = next;
  });
  return state;
}

function naiveSgd(start: Numbers, momentum: number, decay: number): Numbers {
  const weights = structuredClone(start);
  const buffers: Numbers = {};
  rates.forEach((rate, index) => {
    for (const [name, gradient] of Object.entries(gradientsOf(index))) {
      const decayed = gradient.map((g, i) => g + decay * (weights[name]?.[i] ?? Number.NaN));
      buffers[name] = decayed.map((g, i) => (index === 0 ? g : momentum * (buffers[name]?.[i] ?? Number.NaN) + g));
      weights[name] = (weights[name] ?? []).map((w, i) => w - rate * (buffers[name]?.[i] ?? Number.NaN));
    }
  });
  return weights;
}

function naiveAdam(start: Numbers, decay: number, beta1: number, beta2: number, epsilon: number): Numbers {
  const weights = structuredClone(start);
  for (const name of names) {
    weights[name]?.forEach((first, i) => {
      let [weight, mean, square] = [first, 0, 0];
      rates.forEach((rate, index) => {
        const g = (gradientsOf(index)[name]?.[i] ?? Number.NaN) + decay * weight;
        mean = beta1 * mean + (1 - beta1) * g;
        square = beta2 * square + (1 - beta2) * g * g;
        const root = Math.sqrt(square) / Math.sqrt(1 - beta2 ** (index + 1));
        weight -= ((rate / (1 - beta1 ** (index + 1))) * mean) / (root + epsilon);
      });
      weights[name]?.splice(i, 1, weight);
    });
  }
  return weights;
}

function expectWeights(actual: Tensors, expected: Numbers): void {
  for (const name of names) {
    actual[name]?.dataSync().forEach((value: number, i: number) => {
      const goal = expected[name]?.[i] ?? Number.NaN;
      expect(Math.abs(value - goal), `${name}[${i}]`).toBeLessThan(2e-6 * Math.max(1, Math.abs(goal)));
    });
  }
}

describe("SGD", () => {
  test.each([
    [0.875, 2 ** -15],
    [0, 0.5],
    [0.9, 0],
  ])("equals its naive twin over six updates at momentum %f, weight decay %f", (momentum, weightDecay) => {
    const state = run({ kind: "sgd", momentum, weightDecay }, numbers("start"));
    expectWeights(state.weights, naiveSgd(numbers("start"), momentum, weightDecay));
    expect(Object.keys(state.slots)).toEqual(names.map((name) => `velocity.${name}`));
  });
});

describe("Adam", () => {
  test.each([
    [2 ** -15, 0.9, 0.999, 1e-8],
    [0, 0.9, 0.999, 1e-8],
    [0.3, 0.5, 0.9, 1e-3],
    [0, 0, 0, 1e-8],
  ])(
    "equals its naive twin over six updates at weight decay %f, betas %f %f, epsilon %f",
    (decay, beta1, beta2, epsilon) => {
      const state = run({ kind: "adam", weightDecay: decay, beta1, beta2, epsilon }, numbers("start"));
      expectWeights(state.weights, naiveAdam(numbers("start"), decay, beta1, beta2, epsilon));
    },
  );

  test("moves each weight by the learning rate in the first update, whatever the gradient's size", () => {
    const { initialSlots, update } = optimizer({ kind: "adam", weightDecay: 0 });
    const weights = { x: tf.tensor1d([1, 1, 1]) };
    const gradients = { x: tf.tensor1d([1e-4, -30, 0]) };
    const inputs = { weights, gradients, slots: initialSlots(weights) };
    const moved = update({ ...inputs, learningRate: tf.scalar(0.01), step: tf.scalar(0) }).weights;
    const [up, down, still] = Array.from(moved.x?.dataSync() ?? []);
    expect(up).toBeCloseTo(0.99, 5);
    expect(down).toBeCloseTo(1.01, 5);
    expect(still).toBe(1);
  });
});

describe.each<OptimizerRecipe>([
  { kind: "sgd", momentum: 0.9, weightDecay: 0.01 },
  { kind: "adam", weightDecay: 0.01 },
])("the optimizer $kind", (recipe) => {
  test("leaves what it is given as it was, and makes nothing but its result", () => {
    const { initialSlots, update } = optimizer(recipe);
    const weights = tensors(numbers("start"));
    const inputs = { weights, slots: initialSlots(weights), gradients: tensors(gradientsOf(2)) };
    const learningRate = tf.scalar(0.1);
    const step = tf.scalar(0);
    const before = tf.memory().numTensors;
    const next = update({ ...inputs, learningRate, step });
    const made = Object.keys(next.weights).length + Object.keys(next.slots).length;
    expect(tf.memory().numTensors).toBe(before + made);
    expect(Array.from(weights.scale?.dataSync() ?? [])).toEqual(numbers("start").scale);
    tf.dispose([next.weights, next.slots]);
  });

  test("gives the same bytes again", () => {
    const bytes = (): string => {
      const { weights, slots } = run(recipe, numbers("start"));
      return JSON.stringify(Object.values({ ...weights, ...slots }).map((tensor) => Array.from(tensor.dataSync())));
    };
    expect(bytes()).toBe(bytes());
  });

  test("names the tensor that is missing", () => {
    const { initialSlots, update } = optimizer(recipe);
    const weights = tensors(numbers("start"));
    const { scale: _, ...gradients } = tensors(gradientsOf(0));
    const scalars = { learningRate: tf.scalar(0.1), step: tf.scalar(0) };
    expect(() => update({ weights, gradients, slots: initialSlots(weights), ...scalars })).toThrow("scale");
  });
});

describe("a recipe", () => {
  test.each<[OptimizerRecipe, RegExp]>([
    [{ kind: "sgd", momentum: 1, weightDecay: 0 }, /momentum.*\[0, 1\).* 1$/],
    [{ kind: "sgd", momentum: 0, weightDecay: -1 }, /weight decay.*\[0, 1\).* -1$/],
    [{ kind: "adam", weightDecay: 0, beta1: 1.5 }, /beta1.*\[0, 1\).* 1\.5$/],
    [{ kind: "adam", weightDecay: 0, epsilon: 0 }, /epsilon.*above 0.* 0$/],
  ])("is refused out of range: %o", (recipe, message) => {
    expect(() => optimizer(recipe)).toThrow(message);
  });
});
