import { wholeNumber } from "../../core/check";
import { canonicalJson } from "../../core/hash";
import type { NamedArrays } from "../../core/named-arrays";
import { tf } from "../../tf/tensorflow";
import type { Tensors } from "../../tf/tensors";
import { evaluation, isStatistic } from "../pass";
import { type Work, workOf } from "../tally";
import { initialTransformation, type TransformationSizes } from "../transformation";
import { withTensors } from "../weights";
import { type Architecture, embeddings, initialNetwork } from "./network";
import { resnetMultiplications } from "./resnet";

// What a network costs is counted by running it once on zeros, with weights of zeros, while its
// layers report their work to the tally. The multiply-adds of a ResNet and of h follow from their
// declaration, and are counted without TensorFlow, which takes time to load.

/**
 * Multiply-adds of a forward pass of one image of `side` x `side`: those of convolutions and matrix
 * products, not of normalisations, activations and poolings. A training step takes about three
 * times that. Throws RangeError on a side that is not a positive integer, or not the
 * architecture's.
 */
export function multiplications(architecture: Architecture, side: number): number {
  wholeNumber("an image's side", side, { least: 1 });
  if (architecture.kind === "resnet") return resnetMultiplications(architecture, side);
  return networkWork({ architecture, side }).multiplications;
}

/**
 * Values (4 bytes each) that a training step keeps for its backward pass, for one image of `side` x
 * `side`. This decides how large a batch fits. Weights, optimizer slots and what an op holds for a
 * moment come on top. Throws RangeError as `multiplications` does.
 */
export function activationValues(architecture: Architecture, side: number): number {
  return networkWork({ architecture, side }).kept;
}

/** Trained values of a network: all weights except the running statistics of normalisations. */
export const parameterCount: (architecture: Architecture) => number = once((architecture) => {
  const trained = Object.entries(initialNetwork(architecture, "zeros")).filter(([name]) => !isStatistic(name));
  return trained.reduce((sum, [, { data }]) => sum + data.length, 0);
});

/**
 * Multiply-adds of h, in any of its forms, for one pair of an old embedding and its
 * side-information: every weight of a linear layer is used once.
 */
export function transformationMultiplications(sizes: TransformationSizes): number {
  const layers = Object.entries(initialTransformation(sizes, "zeros")).filter(([name]) => name.endsWith(".linear"));
  return layers.reduce((sum, [, { data }]) => sum + data.length, 0);
}

const networkWork = once(({ architecture, side }: { readonly architecture: Architecture; readonly side: number }) => {
  wholeNumber("an image's side", side, { least: 1 });
  const network = (tensors: Tensors, image: tf.Tensor4D): tf.Tensor2D =>
    embeddings(architecture, evaluation(tensors), image);
  return workOn([1, side, side, 3], initialNetwork(architecture, "zeros"), network);
});

/** `count`, called once for each value of `subject`. */
function once<K, V>(count: (subject: K) => V): (subject: K) => V {
  const known = new Map<string, V>();
  return (subject) => {
    const key = canonicalJson(subject);
    const value = known.get(key) ?? count(subject);
    known.set(key, value);
    return value;
  };
}

function workOn<T extends tf.Tensor>(
  shape: readonly number[],
  weights: NamedArrays,
  network: (weights: Tensors, input: T) => tf.Tensor,
): Work {
  return withTensors(weights, (tensors) =>
    tf.tidy(() => workOf(tf.zeros([...shape]) as T, (input) => network(tensors, input))),
  );
}
