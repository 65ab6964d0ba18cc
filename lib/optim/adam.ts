import { adamUpdate } from "../tf/optimizer-ops";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { decayed, type Optimized, type Optimizer, requireShare, type UpdateInputs, zeroSlots } from "./update";

/** Adam with bias correction, as PyTorch's: weight decay in the gradient, epsilon added after the correction. */
export interface AdamRecipe {
  readonly kind: "adam";
  /** Times the weight, added to its gradient; in [0, 1). */
  readonly weightDecay: number;
  /** Share of the gradients' running mean that is kept, in [0, 1). */
  readonly beta1?: number;
  /** The same for their squares. */
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Throws RangeError on a number out of range. */
export function adam({ weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamRecipe): Optimizer {
  requireShare("weight decay", weightDecay);
  requireShare("beta1", beta1);
  requireShare("beta2", beta2);
  if (!(epsilon > 0)) throw new RangeError(`epsilon ${epsilon}: allowed is a number above 0`);
  const settings = { weightDecay, beta1, beta2, epsilon };
  return {
    initialSlots: (weights) => zeroSlots(weights, ["mean", "square"]),
    update: (inputs) => tf.tidy(() => descend(inputs, weightDecay, scalarsOf(inputs, settings))),
  };
}

type Settings = Required<Omit<AdamRecipe, "kind">>;

/** What all weights share. */
interface Scalars {
  readonly beta1: tf.Scalar;
  readonly beta2: tf.Scalar;
  readonly rate: tf.Tensor;
  readonly epsilon: tf.Tensor;
}

/** learningRate m / (sqrt(v) + epsilon), m and v bias-corrected: both corrections become part of the rate and of epsilon. */
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

/** 1 - base ^ exponent for the 32-bit base that the update uses; the plain difference would lose four digits at a base of .999. */
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
