import type { NamedArrays } from "../../core/named-arrays";
import { isStatistic, type Pass, runningStatistics } from "../../nn/pass";
import { prefixed, tensorKinds, toArrays, withPrefix, withTensors } from "../../nn/weights";
import type { Optimizer } from "../../optim/update";
import type { Precision } from "../../tf/graph/precision";
import { type Runner, runner } from "../../tf/graph/runner";
import { tf } from "../../tf/tensorflow";
import { type Tensors, tensorNamed, valueAndGradients } from "../../tf/tensors";

/**
 * What is minimised: a scalar of a pass through the network, a batch, and `frozen` tensors that
 * training does not change, such as a target's classifier.
 */
export type Loss = (pass: Pass, batch: Tensors, frozen: Tensors) => tf.Scalar;

/** A pure function of a batch and a state: weights, optimizer slots and the step count. */
type TrainingStep = (state: Tensors, batch: Tensors) => { readonly state: Tensors; readonly loss: tf.Scalar };

/**
 * One step of gradient descent on `loss`. Names in the state begin with "weights.", "slots." and
 * "frozen."; its "step" counts from 0; the batch's "learningRate" is a scalar. With `frozenNorm`,
 * normalisation runs in evaluation mode and keeps its running statistics.
 */
export function trainingStep(loss: Loss, optimizer: Optimizer, frozenNorm: boolean): TrainingStep {
  return (state, batch) =>
    tf.tidy(() => {
      const { value, gradients, statistics } = differentiated(loss, frozenNorm, state, batch);
      const moved = descended(optimizer, gradients, state, batch);
      return { state: nextState(state, { ...moved, ...statistics() }), loss: value };
    });
}

/**
 * A step for one part of a batch: adds the part's gradients, times its scalar "share" of the batch,
 * to the "sums." of the state. The last part of a batch comes with a "learningRate": the weights
 * then move by the sums, which start again from zero.
 */
export function accumulatingStep(loss: Loss, optimizer: Optimizer, frozenNorm: boolean): TrainingStep {
  return (state, batch) =>
    tf.tidy(() => {
      const { value, gradients, statistics } = differentiated(loss, frozenNorm, state, batch);
      const share = tensorNamed(batch, "share");
      const sums = mapTensors(withPrefix(state, "sums."), (sum, name) =>
        tf.add(sum, tf.mul(tensorNamed(gradients, name), share)),
      );
      const changes =
        batch.learningRate === undefined
          ? prefixed(sums, "sums.")
          : { ...descended(optimizer, sums, state, batch), ...prefixed(mapTensors(sums, tf.zerosLike), "sums.") };
      return { state: nextState(state, { ...changes, ...statistics() }), loss: value };
    });
}

/** The weights that an optimizer moves, by name without "weights.". */
function trainedOf(state: Tensors): Tensors {
  return Object.fromEntries(Object.entries(withPrefix(state, "weights.")).filter(([name]) => !isStatistic(name)));
}

/** A loss with its gradients. */
interface Differentiated {
  readonly value: tf.Scalar;
  readonly gradients: Tensors;
  /** Makes the running statistics of the new state; to be called once, after the update. */
  readonly statistics: () => Tensors;
}

// Bits depend on the order of ops, so the statistics are made last.
function differentiated(loss: Loss, frozenNorm: boolean, state: Tensors, batch: Tensors): Differentiated {
  const weights = withPrefix(state, "weights.");
  const frozen = withPrefix(state, "frozen.");
  const moments: Record<string, tf.Tensor1D> = {};
  const pass: Pass = { weights, moments: frozenNorm ? null : moments };
  const { value, gradients } = orDisposed(moments, () =>
    valueAndGradients(trainedOf(state), () => loss(pass, batch, frozen)),
  );
  const statistics = (): Tensors => {
    const running = prefixed(runningStatistics(weights, moments), "weights.");
    tf.dispose(moments);
    return running;
  };
  return { value, gradients, statistics };
}

/** What `work` gives; the moments that it collected are freed if it throws. */
function orDisposed<T>(moments: Readonly<Record<string, tf.Tensor>>, work: () => T): T {
  try {
    return work();
  } catch (error) {
    tf.dispose({ ...moments });
    throw error;
  }
}

/** What an update changes in the state: trained weights, slots and the step count. */
function descended(optimizer: Optimizer, gradients: Tensors, state: Tensors, batch: Tensors): Tensors {
  const updated = optimizer.update({
    weights: trainedOf(state),
    gradients,
    slots: withPrefix(state, "slots."),
    learningRate: tensorNamed(batch, "learningRate"),
    step: tensorNamed(state, "step"),
  });
  return {
    ...prefixed(updated.weights, "weights."),
    ...prefixed(updated.slots, "slots."),
    step: tf.add(tensorNamed(state, "step"), 1),
  };
}

/** The state with `changes`. Unchanged tensors are copied, so that all of the old can be freed. */
function nextState(state: Tensors, changes: Tensors): Tensors {
  return mapTensors({ ...state, ...changes }, (tensor, name) => (tensor === state[name] ? tensor.clone() : tensor));
}

function mapTensors(tensors: Tensors, make: (tensor: tf.Tensor, name: string) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, make(tensor, name)]));
}

/** A training step with the state that it has reached. */
export interface Stepper {
  /** Makes one step on a batch; returns the loss. */
  readonly advance: (batch: NamedArrays) => number;
  /** Says what batches will come, by shapes and types alone: their graphs are loaded at once. */
  readonly awaits: (batches: readonly NamedArrays[]) => void;
  readonly state: () => NamedArrays;
  /** Why the step runs op by op instead of as a graph; null if it does not, and before it runs. */
  readonly notCaptured: () => string | null;
  readonly dispose: () => void;
}

/** Makes `step` ready to run at a precision, starting from `state`. */
export function stepper(step: TrainingStep, state: NamedArrays, precision?: Precision): Stepper {
  const running = withTensors(state, (tensors) =>
    runner((before, batch) => named(step(before, batch)), tensors, precision),
  );
  return {
    advance: (batch) => withTensors(batch, (tensors) => numberOf(running.step(tensors))),
    awaits: (batches) => running.awaits(batches.map(tensorKinds)),
    state: () => stateOf(running),
    notCaptured: running.notCaptured,
    dispose: running.dispose,
  };
}

function named({ state, loss }: ReturnType<TrainingStep>): { readonly state: Tensors; readonly output: tf.Tensor } {
  return { state, output: loss };
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
