import type { Tensors } from "../tf/gradients";
import type { tf } from "../tf/tensorflow";

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
