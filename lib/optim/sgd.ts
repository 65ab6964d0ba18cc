import { momentumUpdate } from "../tf/optimizer-ops";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { decayed, type Optimized, type Optimizer, requireShare, type UpdateInputs, zeroSlots } from "./update";

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
