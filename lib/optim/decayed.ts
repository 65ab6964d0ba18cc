import { tf } from "../tf/tensorflow";

/** A gradient with weight decay: plus `weightDecay` times the weight. */
export function decayed(gradient: tf.Tensor, weight: tf.Tensor, weightDecay: number): tf.Tensor {
  return weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, tf.scalar(weightDecay)));
}
