import { batchNorm, fixedNorm, type NormWeights } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { keeps } from "./tally";

/**
 * One way through a network: its weights by name, and whether normalisation uses the batch's
 * moments or the running ones.
 */
export interface Pass {
  readonly weights: Tensors;
  /**
   * In training mode it collects the batch's moments by weight name ("….mean", "….variance"); in
   * evaluation mode it is null.
   */
  readonly moments: Record<string, tf.Tensor1D> | null;
}

/** A pass in evaluation mode. */
export function evaluation(weights: Tensors): Pass {
  return { weights, moments: null };
}

/** Whether `name` is a running statistic of a normalisation, which no optimizer touches. */
export function isStatistic(name: string): boolean {
  return name.endsWith(".mean") || name.endsWith(".variance");
}

/**
 * Normalises the channels of `x` [batch, height, width, channels] with the weights `name`.scale,
 * .offset, .mean and .variance.
 */
export function normalise({ weights, moments }: Pass, name: string, x: tf.Tensor4D): tf.Tensor4D {
  keeps(x);
  const norm: NormWeights = {
    scale: tensorNamed(weights, `${name}.scale`),
    offset: tensorNamed(weights, `${name}.offset`),
  };
  if (moments === null) {
    return fixedNorm(x, norm, {
      mean: tensorNamed(weights, `${name}.mean`),
      variance: tensorNamed(weights, `${name}.variance`),
    });
  }
  const { y, mean, variance } = batchNorm(x, norm);
  moments[`${name}.mean`] = mean;
  moments[`${name}.variance`] = variance;
  return y;
}

/** Normalises the features of `x` [batch, features]. */
export function normaliseFeatures(pass: Pass, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const [batch, features] = x.shape;
  return normalise(pass, name, x.reshape([batch, 1, 1, features])).reshape([batch, features]);
}

/**
 * Running statistics after a training pass: (1 - momentum) old + momentum batch, with momentum 0.1
 * (PyTorch's definition).
 */
export function runningStatistics(weights: Tensors, moments: Readonly<Record<string, tf.Tensor1D>>): Tensors {
  const updated = Object.entries(moments).map(
    ([name, batch]) => [name, tf.add(tf.mul(tensorNamed(weights, name), 0.9), tf.mul(batch, 0.1))] as const,
  );
  return Object.fromEntries(updated);
}
