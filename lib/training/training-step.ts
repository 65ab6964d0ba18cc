import { isStatistic, type Pass, runningStatistics } from "../nn/pass";
import { prefixed, withPrefix } from "../nn/weights";
import type { Optimizer } from "../optim/update";
import { type Tensors, valueAndGradients, weightNamed } from "../tf/gradients";
import { tf } from "../tf/tensorflow";

/** What is minimised: a scalar of a pass through the network and a batch. */
export type Loss = (pass: Pass, batch: Tensors) => tf.Scalar;

/** A training step: a pure function of state (weights, optimizer slots, step count) and batch. */
export type TrainingStep = (state: Tensors, batch: Tensors) => { readonly state: Tensors; readonly loss: tf.Scalar };

/**
 * One step of gradient descent on `loss`. State names begin with "weights." and "slots."; "step" counts from 0; the batch's
 * "learningRate" is a scalar. With `frozenNorm` normalisation runs in evaluation mode and its running statistics stay.
 */
export function trainingStep(loss: Loss, optimizer: Optimizer, frozenNorm: boolean): TrainingStep {
  return (state, batch) =>
    tf.tidy(() => {
      const weights = withPrefix(state, "weights.");
      const trained = Object.fromEntries(Object.entries(weights).filter(([name]) => !isStatistic(name)));
      const moments: Record<string, tf.Tensor1D> = {};
      const pass: Pass = { weights, moments: frozenNorm ? null : moments };
      const { value, gradients } = valueAndGradients(trained, () => loss(pass, batch));
      const updated = optimizer.update({
        weights: trained,
        gradients,
        slots: withPrefix(state, "slots."),
        learningRate: weightNamed(batch, "learningRate"),
        step: weightNamed(state, "step"),
      });
      const after = { ...weights, ...runningStatistics(weights, moments), ...updated.weights };
      tf.dispose(moments);
      return { state: nextState(state, after, updated.slots), loss: value };
    });
}

/** The state after a step; tensors that stay as they were are copied, so that the old state can be disposed of whole. */
function nextState(state: Tensors, weights: Tensors, slots: Tensors): Tensors {
  const next = {
    ...prefixed(weights, "weights."),
    ...prefixed(slots, "slots."),
    step: tf.add(weightNamed(state, "step"), 1),
  };
  return Object.fromEntries(
    Object.entries(next).map(([name, tensor]) => [name, tensor === state[name] ? tensor.clone() : tensor]),
  );
}
