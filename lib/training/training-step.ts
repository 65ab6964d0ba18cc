import type { NamedArrays } from "../core/named-arrays";
import { isStatistic, type Pass, runningStatistics } from "../nn/pass";
import { prefixed, toArrays, toTensors, withPrefix } from "../nn/weights";
import type { Optimizer } from "../optim/update";
import { type Runner, runner } from "../tf/graph/runner";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed, valueAndGradients } from "../tf/tensors";

/** What is minimised: a scalar of a pass through the network, a batch, and tensors that stay as they are (a teacher's weights). */
export type Loss = (pass: Pass, batch: Tensors, frozen: Tensors) => tf.Scalar;

/** A training step: a pure function of state (weights, optimizer slots, step count) and batch. */
type TrainingStep = (state: Tensors, batch: Tensors) => { readonly state: Tensors; readonly loss: tf.Scalar };

/**
 * One step of gradient descent on `loss`. State names begin with "weights.", "slots." and "frozen."; "step" counts from 0; the
 * batch's "learningRate" is a scalar. With `frozenNorm` normalisation runs in evaluation mode and its running statistics stay.
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
 * The same for a part of a batch: adds its gradients times the batch's "share", a scalar, to the state's "sums.". A part that comes with a
 * "learningRate" is the batch's last: the weights move by the sums, which begin anew.
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

/** Those of a state's weights that an optimizer moves, by their name without "weights.". */
function trainedOf(state: Tensors): Tensors {
  return Object.fromEntries(Object.entries(withPrefix(state, "weights.")).filter(([name]) => !isStatistic(name)));
}

/** The loss, its gradients, and what makes the running statistics of the new state, to be called once. Bits depend on the order of ops: statistics come last. */
function differentiated(
  loss: Loss,
  frozenNorm: boolean,
  state: Tensors,
  batch: Tensors,
): { readonly value: tf.Scalar; readonly gradients: Tensors; readonly statistics: () => Tensors } {
  const weights = withPrefix(state, "weights.");
  const frozen = withPrefix(state, "frozen.");
  const moments: Record<string, tf.Tensor1D> = {};
  const pass: Pass = { weights, moments: frozenNorm ? null : moments };
  const { value, gradients } = valueAndGradients(trainedOf(state), () => loss(pass, batch, frozen));
  const statistics = (): Tensors => {
    const running = prefixed(runningStatistics(weights, moments), "weights.");
    tf.dispose(moments);
    return running;
  };
  return { value, gradients, statistics };
}

/** The part of the new state that an update makes: trained weights, slots and the step count. */
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

/** The state with `changes`; tensors that stay as they were are copied, so that the old state can be disposed of whole. */
function nextState(state: Tensors, changes: Tensors): Tensors {
  return mapTensors({ ...state, ...changes }, (tensor, name) => (tensor === state[name] ? tensor.clone() : tensor));
}

function mapTensors(tensors: Tensors, make: (tensor: tf.Tensor, name: string) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, make(tensor, name)]));
}

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
