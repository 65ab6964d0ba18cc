import { tf } from "../tf/tensorflow";
import type { Tensors } from "../tf/tensors";

/** Weights, and what the optimizer remembers between updates: "slot.weight" to a tensor of that weight's shape. */
export type Optimized = {
  readonly weights: Tensors;
  readonly slots: Tensors;
};

/** One update's inputs. Learning rate and step are tensors, so that a traced update serves all epochs. */
export interface UpdateInputs extends Optimized {
  /** One for each weight, of its shape. */
  readonly gradients: Tensors;
  readonly learningRate: tf.Scalar;
  /** Updates made before this one, float32: 0 at first. */
  readonly step: tf.Scalar;
}

/** A pure update rule: it returns new tensors and frees none of those given. Both functions throw naming a missing tensor. */
export interface Optimizer {
  readonly initialSlots: (weights: Tensors) => Tensors;
  readonly update: (inputs: UpdateInputs) => Optimized;
}

/** Zeros of every weight's shape under "slot.weight", for every slot. */
export function zeroSlots(weights: Tensors, slots: readonly string[]): Tensors {
  const entries = slots.flatMap((slot) =>
    Object.entries(weights).map(([name, weight]) => [`${slot}.${name}`, tf.zeros(weight.shape)] as const),
  );
  return Object.fromEntries(entries);
}

/** Throws RangeError, naming `what`, unless `value` is in [0, 1). */
export function requireShare(what: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new RangeError(`${what} ${value}: allowed is [0, 1)`);
}

/** A gradient with weight decay: plus `weightDecay` times the weight. */
export function decayed(gradient: tf.Tensor, weight: tf.Tensor, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, tf.scalar(weightDecay)));
}
