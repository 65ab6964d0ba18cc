import type { NamedArrays } from "../core/named-arrays";
import { convolutionNetLayers } from "./convolution-net-layers";
import type { Layer } from "./layer";
import { mobilenetLayers } from "./mobilenet-layers";
import type { Architecture } from "./network";
import { isStatistic } from "./pass";
import { resnetLayers } from "./resnet-layers";
import type { TransformationSizes } from "./transformation";
import { vitLayers } from "./vit-layers";

/**
 * Multiply-adds of a forward pass of one image of `side` x `side`, those of convolutions and matrix products. A training step
 * takes about three times as many. Throws RangeError on a side that is no positive integer or not the architecture's.
 */
export function multiplications(architecture: Architecture, side: number): number {
  return total(layersOf(architecture, side), (layer) => layer.multiplications);
}

/**
 * Values (4 bytes each) that a training step keeps for its backward pass, for one image of `side` x `side`: the size of a batch
 * that fits. What an op holds for a moment only comes on top, and so do weights and optimizer.
 */
export function activationValues(architecture: Architecture, side: number): number {
  return total(layersOf(architecture, side), (layer) => layer.kept);
}

/** Trained values among `arrays`: all but the running statistics of normalisations. */
export function parameterCount(arrays: NamedArrays): number {
  const trained = Object.entries(arrays).filter(([name]) => !isStatistic(name));
  return total(trained, ([, { data }]) => data.length);
}

/** Multiply-adds of h for one pair of an old embedding and its side-information. */
export function transformationMultiplications({ old, side, target, inner }: TransformationSizes): number {
  const branch = (input: number): number => 2 * input ** 2 + 4 * input * target;
  return branch(old) + branch(side) + 5 * target * inner + inner ** 2;
}

function layersOf(architecture: Architecture, side: number): readonly Layer[] {
  if (!(Number.isInteger(side) && side > 0)) throw new RangeError(`an image's side is a positive integer, got ${side}`);
  switch (architecture.kind) {
    case "resnet":
      return resnetLayers(architecture, side);
    case "convolution-net":
      return convolutionNetLayers(architecture, side);
    case "mobilenet":
      return mobilenetLayers(architecture, side);
    case "vit":
      return vitLayers(architecture, side);
  }
}

function total<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((sum, item) => sum + size(item), 0);
}
