import { afterEach, beforeEach, expect, test } from "vitest";
import { capture } from "../../../lib/tf/graph/capture";
import type { PureStep } from "../../../lib/tf/graph/trace";
import { momentumUpdate } from "../../../lib/tf/optimizer-ops";
import { tf } from "../../../lib/tf/tensorflow";
import { type Tensors, tensorNamed } from "../../../lib/tf/tensors";

let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

const size = 4096;
const start = (): Tensors => ({ weight: tf.ones([size]), velocity: tf.fill([size], 2) });

/** A momentum update of the state, or of another weight or by another gradient. */
function moved(state: Tensors, changes: { readonly weight?: tf.Tensor; readonly gradient?: tf.Tensor } = {}) {
  return momentumUpdate({
    momentum: tf.scalar(0.5),
    rate: tf.scalar(0.1),
    weight: tensorNamed(state, "weight"),
    velocity: tensorNamed(state, "velocity"),
    gradient: tf.ones([size]),
    ...changes,
  });
}

/** Three steps captured, beside the same by pure ops: the sum of each output, and of the state after them. */
function sums(step: PureStep): { readonly captured: readonly number[]; readonly composed: readonly number[] } {
  const total = (tensor: tf.Tensor): number => tf.tidy(() => tf.sum(tensor).dataSync()[0] ?? Number.NaN);
  const initial = start();
  const running = capture((state, inputs) => tf.tidy(() => step(state, inputs)), initial);
  let state = initial;
  const captured: number[] = [];
  const composed: number[] = [];
  for (let count = 0; count < 3; count++) {
    const [ours, next] = [running.step({}), tf.tidy(() => step(state, {}))];
    captured.push(total(ours));
    composed.push(total(next.output));
    tf.dispose([ours, next.output, { ...state }]);
    state = next.state;
  }
  const last = running.state();
  for (const name of ["weight", "velocity"]) {
    captured.push(total(tensorNamed(last, name)));
    composed.push(total(tensorNamed(state, name)));
  }
  tf.dispose([{ ...state }, { ...last }]);
  running.dispose();
  return { captured, composed };
}

function expectEqual({ captured, composed }: ReturnType<typeof sums>): void {
  composed.forEach((value, i) => {
    expect(Math.abs((captured[i] ?? Number.NaN) / value - 1)).toBeLessThan(1e-6);
  });
}

test("what reads a variable besides its update reads the old value, before and after", () => {
  const step: PureStep = (state) => {
    const weight = tensorNamed(state, "weight");
    const [next, velocity] = moved(state, { gradient: tf.mul(weight, 3) });
    return { state: { weight: next, velocity }, output: tf.add(tf.mul(weight, 2), tf.square(weight)) };
  };
  expectEqual(sums(step));
});

test("new values may be used in the step that makes them", () => {
  const step: PureStep = (state) => {
    const [weight, velocity] = moved(state);
    return { state: { weight, velocity }, output: tf.add(weight, velocity) };
  };
  expectEqual(sums(step));
});

test("an update of what is no variable is composed of pure ops", () => {
  const step: PureStep = (state) => {
    const [weight, velocity] = moved(state, { weight: tf.mul(tensorNamed(state, "weight"), 0.9) });
    return { state: { weight, velocity }, output: weight.clone() };
  };
  expectEqual(sums(step));
});

test("new values may change places", () => {
  const step: PureStep = (state) => {
    const [weight, velocity] = moved(state);
    return { state: { weight: velocity, velocity: weight }, output: tf.sum(weight) };
  };
  expectEqual(sums(step));
});
