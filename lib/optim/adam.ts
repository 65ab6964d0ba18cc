import { positive } from "../core/check";
import { adamUpdate } from "../tf/optimizer-ops";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { decayed, type Optimized, type Optimizer, requireBelowOne, type UpdateInputs, zeroSlots } from "./update";

/**
 * Adam with bias correction, as in PyTorch: weight decay is part of the gradient, and epsilon is
 * added after the correction.
 */
export interface AdamRecipe {
  readonly kind: "adam";
  /** Factor in [0, 1); that multiple of a weight is added to its gradient. */
  readonly weightDecay: number;
  /** Share of the gradients' running mean that each update keeps, in [0, 1); default 0.9. */
  readonly beta1?: number;
  /** Share of the squared gradients' running mean that each update keeps; default 0.999. */
  readonly beta2?: number;
  /** Above 0; default 1e-8. */
  readonly epsilon?: number;
}

/** The update rule of Adam. Throws RangeError on a number out of range. */
export function adam({ weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamRecipe): Optimizer {
  requireBelowOne("weight decay", weightDecay);
  requireBelowOne("beta1", beta1);
  requireBelowOne("beta2", beta2);
  positive("epsilon", epsilon);
  const settings = { weightDecay, beta1, beta2, epsilon };
  return {
    initialSlots: (weights) => zeroSlots(weights, ["mean", "square"]),
    update: (inputs) => tf.tidy(() => descend(inputs, weightDecay, scalarsOf(inputs, settings))),
  };
}

type Settings = Required<Omit<AdamRecipe, "kind">>;

/** The numbers of an update that are the same for all weights. */
interface Scalars {
  readonly beta1: tf.Scalar;
  readonly beta2: tf.Scalar;
  readonly rate: tf.Tensor;
  readonly epsilon: tf.Tensor;
}

/**
 * The update is learningRate m / (sqrt(v) + epsilon) with m and v bias-corrected; here both
 * corrections become factors of the rate and of epsilon.
 */
function scalarsOf({ learningRate, step }: UpdateInputs, { beta1, beta2, epsilon }: Settings): Scalars {
  const updates = tf.add(step, 1);
  const root = tf.sqrt(oneMinusPower(beta2, updates));
  return {
    beta1: tf.scalar(beta1),
    beta2: tf.scalar(beta2),
    rate: tf.div(tf.mul(learningRate, root), oneMinusPower(beta1, updates)),
    epsilon: tf.mul(epsilon, root),
  };
}

/**
 * 1 - base ^ exponent, for the 32-bit base that the update uses. Subtracting would lose four digits
 * at a base of 0.999.
 */
function oneMinusPower(base: number, exponent: tf.Tensor): tf.Tensor {
  return tf.neg(tf.expm1(tf.mul(exponent, Math.log(Math.fround(base)))));
}

function descend(inputs: UpdateInputs, weightDecay: number, scalars: Scalars): Optimized {
  const weights: Record<string, tf.Tensor> = {};
  const slots: Record<string, tf.Tensor> = {};
  for (const [name, weight] of Object.entries(inputs.weights)) {
    const [mean, square] = [`mean.${name}`, `square.${name}`];
    const updated = adamUpdate({
      weight,
      mean: tensorNamed(inputs.slots, mean),
      square: tensorNamed(inputs.slots, square),
      gradient: decayed(tensorNamed(inputs.gradients, name), weight, weightDecay),
      ...scalars,
    });
    [weights[name], slots[mean], slots[square]] = updated;
  }
  return { weights, slots };
}
