import { weightNamed } from "../tf/gradients";
import { tf } from "../tf/tensorflow";
import { requireShare } from "./share";
import { zeroSlots } from "./slots";
import type { Optimized, Optimizer, UpdateInputs } from "./update";

/** Stochastic gradient descent with heavy-ball momentum, as PyTorch's SGD without dampening or Nesterov's variant. */
export interface SgdRecipe {
  readonly kind: "sgd";
  /** In [0, 1). */
  readonly momentum: number;
  /** Times the weight, added to its gradient; in [0, 1). */
  readonly weightDecay: number;
}

/** velocity <- momentum velocity + gradient + weightDecay weight; weight <- weight - learningRate velocity. */
export function sgd({ momentum, weightDecay }: SgdRecipe): Optimizer {
  requireShare("momentum", momentum);
  requireShare("weight decay", weightDecay);
  return {
    initialSlots: (weights) => zeroSlots(weights, ["velocity"]),
    update: (inputs) => tf.tidy(() => descend(inputs, tf.scalar(momentum), tf.scalar(weightDecay))),
  };
}

function descend(inputs: UpdateInputs, momentum: tf.Scalar, weightDecay: tf.Scalar): Optimized {
  const weights: Record<string, tf.Tensor> = {};
  const slots: Record<string, tf.Tensor> = {};
  for (const [name, weight] of Object.entries(inputs.weights)) {
    const slot = `velocity.${name}`;
    // Five kernels a weight; one sum of three beats two sums of two.
    const velocity = tf.addN([
      tf.mul(weightNamed(inputs.slots, slot), momentum),
      weightNamed(inputs.gradients, name),
      tf.mul(weight, weightDecay),
    ]);
    slots[slot] = velocity;
    weights[name] = tf.sub(weight, tf.mul(velocity, inputs.learningRate));
  }
  return { weights, slots };
}
