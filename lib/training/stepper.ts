import type { NamedArrays } from "../core/named-arrays";
import { toArrays, toTensors } from "../nn/weights";
import type { Tensors } from "../tf/gradients";
import { type Runner, runner } from "../tf/runner";
import { tf } from "../tf/tensorflow";
import type { TrainingStep } from "./training-step";

/** A training step with its state, which moves on with every call. */
export interface Stepper {
  /** One step on a batch; returns the loss. */
  readonly advance: (batch: NamedArrays) => number;
  readonly state: () => NamedArrays;
  /** Why the step runs op by op instead of as a graph; null where it does not. */
  readonly notCaptured: () => string | null;
  readonly dispose: () => void;
}

/** Runs `step` from `state` on. */
export function stepper(step: TrainingStep, state: NamedArrays): Stepper {
  const running = withTensors(state, (tensors) => runner((before, batch) => named(step(before, batch)), tensors));
  return {
    advance: (batch) => withTensors(batch, (tensors) => numberOf(running.step(tensors))),
    state: () => stateOf(running),
    notCaptured: running.notCaptured,
    dispose: running.dispose,
  };
}

function named({ state, loss }: ReturnType<TrainingStep>): { readonly state: Tensors; readonly output: tf.Tensor } {
  return { state, output: loss };
}

function withTensors<T>(arrays: NamedArrays, use: (tensors: Tensors) => T): T {
  const tensors = toTensors(arrays);
  try {
    return use(tensors);
  } finally {
    tf.dispose({ ...tensors });
  }
}

function numberOf(loss: tf.Tensor): number {
  const value = loss.dataSync()[0] ?? Number.NaN;
  loss.dispose();
  return value;
}

function stateOf(running: Runner): NamedArrays {
  const tensors = running.state();
  try {
    return toArrays(tensors);
  } finally {
    tf.dispose({ ...tensors });
  }
}
