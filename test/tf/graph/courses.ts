import { expect } from "vitest";
import { capture } from "../../../lib/tf/graph/capture";
import type { PureStep } from "../../../lib/tf/graph/trace";
import { tf } from "../../../lib/tf/tensorflow";
import type { Tensors } from "../../../lib/tf/tensors";

/** A step with what it starts from and is given. */
export interface Trial {
  readonly step: PureStep;
  readonly start: () => Tensors;
  /** The batch number `index`, of so many rows. */
  readonly batch: (rows: number, index: number) => Tensors;
}

type Numbers = Readonly<Record<string, readonly number[]>>;

/** The output, a scalar, of each step, and the last state. */
interface Course {
  readonly outputs: readonly number[];
  readonly state: Numbers;
}

/** A step for each of `rows`, with a batch of so many rows, run op by op. */
export function eagerCourse({ step, start, batch }: Trial, rows: readonly number[]): Course {
  let state = start();
  const outputs = rows.map((count, index) =>
    withBatch(batch(count, index), (inputs) => {
      const next = step(state, inputs);
      tf.dispose({ ...state });
      state = next.state;
      return next.output;
    }),
  );
  const last = numbersOf(state);
  tf.dispose({ ...state });
  return { outputs, state: last };
}

/** The same, captured. */
export function capturedCourse({ step, start, batch }: Trial, rows: readonly number[]): Course {
  const state = start();
  const captured = capture(step, state);
  tf.dispose({ ...state });
  try {
    const outputs = rows.map((count, index) => withBatch(batch(count, index), captured.step));
    return { outputs, state: stateNumbers(captured) };
  } finally {
    captured.dispose();
  }
}

/** Both courses are the same but for rounding. */
export function expectCaptured(trial: Trial, rows: readonly number[]): void {
  const ours = capturedCourse(trial, rows);
  const expected = eagerCourse(trial, rows);
  for (const [index, output] of expected.outputs.entries()) expect(ours.outputs[index]).toBeCloseTo(output, 5);
  expect(Object.keys(ours.state).sort()).toEqual(Object.keys(expected.state).sort());
  for (const [name, numbers] of Object.entries(expected.state)) {
    const largest = Math.max(1, ...numbers.map(Math.abs));
    const differences = numbers.map((number, index) => Math.abs(number - (ours.state[name]?.[index] ?? Number.NaN)));
    expect(Math.max(...differences) / largest, name).toBeLessThan(1e-5);
  }
}

/** The output of `step` for inputs that are freed then. */
export function withBatch(inputs: Tensors, step: (inputs: Tensors) => tf.Tensor): number {
  try {
    const output = step(inputs);
    const value = output.dataSync()[0] ?? Number.NaN;
    output.dispose();
    return value;
  } finally {
    tf.dispose({ ...inputs });
  }
}

/** The present state of a captured step. */
export function stateNumbers(captured: { readonly state: () => Tensors }): Numbers {
  const state = captured.state();
  const numbers = numbersOf(state);
  tf.dispose({ ...state });
  return numbers;
}

function numbersOf(tensors: Tensors): Numbers {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]));
}
