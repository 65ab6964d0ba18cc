import { tf } from "../../lib/tf/tensorflow";
import { normals } from "../losses/agreement";

/** sum(y weight) with fixed weights, so that every value of `y` has a slope of its own. */
export function weighted(y: tf.Tensor): tf.Tensor {
  return tf.sum(tf.mul(y, tf.tensor(normals("weights", y.size), y.shape)));
}

/** The same of numbers. */
export function weightedNumbers(values: ArrayLike<number>): number {
  const weights = normals("weights", values.length);
  return Array.from(values).reduce((sum, value, i) => sum + value * (weights[i] ?? Number.NaN), 0);
}
