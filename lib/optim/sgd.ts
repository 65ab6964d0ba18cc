import { momentumUpdate } from "../tf/optimizer-ops";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { decayed, type Optimized, type Optimizer, requireBelowOne, type UpdateInputs, zeroSlots } from "./update";

/**
 * Stochastic gradient descent with heavy-ball momentum, as PyTorch's SGD without dampening and
 * without Nesterov's variant.
 */
export interface SgdRecipe {
  readonly kind: "sgd";
  /** Share of the velocity that each update keeps, in [0, 1). */
  readonly momentum: number;
  /** Factor in [0, 1); that multiple of a weight is added to its gradient. */
  readonly weightDecay: number;
}

/**
 * velocity <- momentum velocity + gradient + weightDecay weight,
 * weight <- weight - learningRate velocity. Throws RangeError on a number out of range.
 */
export function sgd({ momentum, weightDecay }: SgdRecipe): Optimizer {
  requireBelowOne("momentum", momentum);
  requireBelowOne("weight decay", weightDecay);
  return {
    initialSlots: (weights) => zeroSlots(weights, ["velocity"]),
    update: (inputs) => tf.tidy(() => descend(inputs, tf.scalar(momentum), weightDecay)),
  };
}

function descend(inputs: UpdateInputs, momentum: tf.Scalar, weightDecay: number): Optimized {
  const weights: Record<string, tf.Tensor> = {};
  const slots: Record<string, tf.Tensor> = {};
  for (const [name, weight] of Object.entries(inputs.weights)) {
    const slot = `velocity.${name}`;
    const velocity = tensorNamed(inputs.slots, slot);
    const gradient = decayed(tensorNamed(inputs.gradients, name), weight, weightDecay);
    [weights[name], slots[slot]] = momentumUpdate({ weight, velocity, gradient, momentum, rate: inputs.learningRate });
  }
  return { weights, slots };
}
