import { weightNamed } from "../tf/gradients";
import { tf } from "../tf/tensorflow";
import { requireShare } from "./share";
import { zeroSlots } from "./slots";
import type { Optimized, Optimizer, UpdateInputs } from "./update";

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

/** Slots are undivided running sums, mean / (1 - beta1) and square / (1 - beta2): two multiplications a weight fewer. */
export function adam({ weightDecay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamRecipe): Optimizer {
  requireShare("weight decay", weightDecay);
  requireShare("beta1", beta1);
  requireShare("beta2", beta2);
  if (!(epsilon > 0)) throw new RangeError(`epsilon ${epsilon}: allowed is a number above 0`);
  const settings = { weightDecay, beta1, beta2, epsilon };
  return {
    initialSlots: (weights) => zeroSlots(weights, ["mean", "square"]),
    update: (inputs) => tf.tidy(() => descend(inputs, scalarsOf(inputs, settings))),
  };
}

type Settings = Required<Omit<AdamRecipe, "kind">>;

interface Scalars {
  readonly weightDecay: tf.Scalar;
  readonly beta1: tf.Scalar;
  readonly beta2: tf.Scalar;
  readonly rate: tf.Tensor;
  readonly epsilon: tf.Tensor;
}

/** learningRate m / (sqrt(v) + epsilon), m and v bias-corrected, written for the undivided sums: every correction becomes a scalar. */
function scalarsOf({ learningRate, step }: UpdateInputs, settings: Settings): Scalars {
  const updates = tf.add(step, 1);
  const meanFactor = tf.div(1 - settings.beta1, oneMinusPower(settings.beta1, updates));
  const rootFactor = tf.sqrt(tf.div(1 - settings.beta2, oneMinusPower(settings.beta2, updates)));
  return {
    weightDecay: tf.scalar(settings.weightDecay),
    beta1: tf.scalar(settings.beta1),
    beta2: tf.scalar(settings.beta2),
    rate: tf.mul(learningRate, tf.div(meanFactor, rootFactor)),
    epsilon: tf.div(settings.epsilon, rootFactor),
  };
}

/** 1 - base ^ exponent; the plain difference would lose four digits at a base of .999. */
function oneMinusPower(base: number, exponent: tf.Tensor): tf.Tensor {
  return tf.neg(tf.expm1(tf.mul(exponent, Math.log(base))));
}

function descend(inputs: UpdateInputs, scalars: Scalars): Optimized {
  const weights: Record<string, tf.Tensor> = {};
  const slots: Record<string, tf.Tensor> = {};
  for (const [name, weight] of Object.entries(inputs.weights)) {
    const gradient = tf.add(weightNamed(inputs.gradients, name), tf.mul(weight, scalars.weightDecay));
    const mean = tf.add(tf.mul(weightNamed(inputs.slots, `mean.${name}`), scalars.beta1), gradient);
    const square = tf.add(tf.mul(weightNamed(inputs.slots, `square.${name}`), scalars.beta2), tf.square(gradient));
    slots[`mean.${name}`] = mean;
    slots[`square.${name}`] = square;
    const direction = tf.div(mean, tf.add(tf.sqrt(square), scalars.epsilon));
    weights[name] = tf.sub(weight, tf.mul(direction, scalars.rate));
  }
  return { weights, slots };
}
