import { unexpected } from "../core/check";
import { tf } from "../tf/tensorflow";
import type { Tensors } from "../tf/tensors";

/** The weights, and what the optimizer remembers between updates. */
export type Optimized = {
  readonly weights: Tensors;
  /** By "slot.weight", each of the shape of that weight. */
  readonly slots: Tensors;
};

/** The inputs of an update. Rate and step are tensors, so that one graph serves all epochs. */
export interface UpdateInputs extends Optimized {
  /** By the weights' names, each of its weight's shape. */
  readonly gradients: Tensors;
  readonly learningRate: tf.Scalar;
  /** How many updates came before this one, float32. */
  readonly step: tf.Scalar;
}

/**
 * A pure update rule: it returns new tensors and frees none of those given. Both functions throw if
 * a tensor is missing, naming it.
 */
export interface Optimizer {
  readonly initialSlots: (weights: Tensors) => Tensors;
  readonly update: (inputs: UpdateInputs) => Optimized;
}

/** Zeros named "slot.weight", of the weight's shape, for each slot and weight. */
export function zeroSlots(weights: Tensors, slots: readonly string[]): Tensors {
  const entries = slots.flatMap((slot) =>
    Object.entries(weights).map(([name, weight]) => [`${slot}.${name}`, tf.zeros(weight.shape)] as const),
  );
  return Object.fromEntries(entries);
}

/** Throws RangeError unless `value` is in [0, 1). */
export function requireBelowOne(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw unexpected(name, "a number in [0, 1)", value);
}

/** `gradient` plus `weightDecay` times the weight. */
export function decayed(gradient: tf.Tensor, weight: tf.Tensor, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, tf.scalar(weightDecay)));
}
