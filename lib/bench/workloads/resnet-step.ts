import { unexpected } from "../../core/check";
import type { NamedArrays } from "../../core/named-arrays";
import { random } from "../../core/random";
import { initialLinear } from "../../nn/initial";
import { embeddings, initialNetwork } from "../../nn/networks/network";
import type { ResNet } from "../../nn/networks/resnet";
import { isStatistic } from "../../nn/pass";
import { prefixed, toArrays, toTensors } from "../../nn/weights";
import { optimizer } from "../../optim/optimizer";
import type { Optimizer } from "../../optim/update";
import type { Precision } from "../../tf/graph/precision";
import { tf } from "../../tf/tensorflow";
import { tensorNamed } from "../../tf/tensors";
import { backboneLoss } from "../../training/backbone-loss";
import { type Loss, type Stepper, stepper, trainingStep } from "../../training/loop/training-step";
import { noiseImages, noiseLabels } from "./made-up";
import type { Workload } from "./measurement";

const classes = 242;

/** Steps of training a ResNet with its classifier, at a precision of `bits`. A unit is an image. */
export async function resnetStep({
  depth,
  side = 32,
  batch: count = 1,
  steps = 1,
  bits,
}: Readonly<Record<string, number>>): Promise<Workload> {
  const architecture = resnetOf(depth);
  const start = random("bench", "weights");
  const weights = {
    ...initialNetwork(architecture, start),
    classifier: initialLinear(start, architecture.embedding, classes),
  };
  const recipe = { labelSmoothing: 0.1 };
  const running = fromStart(
    weights,
    (pass, inputs) => {
      const embedding = embeddings(architecture, pass, tensorNamed<tf.Tensor4D>(inputs, "images"));
      return backboneLoss(recipe, pass.weights, { embedding, labels: tensorNamed<tf.Tensor1D>(inputs, "labels") });
    },
    optimizer({ kind: "sgd", momentum: 0.875, weightDecay: 2 ** -15 }),
    precisionOf(bits),
  );
  const inputs = {
    images: noiseImages(count, side),
    labels: noiseLabels(count, classes),
    learningRate: rate(0.01),
  };
  const advance = (): void => void running.advance(inputs);
  advance();
  advance();
  return {
    round: async () => {
      for (let step = 0; step < steps; step++) advance();
      return { units: count * steps };
    },
  };
}

/**
 * A stepper at the start of a training, as `fit` makes it. A step throws Error if it is not
 * captured, since op by op it would be timed as slower than it is.
 */
export function fromStart(weights: NamedArrays, loss: Loss, optimizer: Optimizer, precision: Precision): Stepper {
  const trained = toTensors(Object.fromEntries(Object.entries(weights).filter(([name]) => !isStatistic(name))));
  const slots = optimizer.initialSlots(trained);
  const state = {
    ...prefixed(weights, "weights."),
    ...prefixed(toArrays(slots), "slots."),
    step: { shape: [], data: Float32Array.of(0) },
  };
  tf.dispose({ ...trained, ...slots });
  const running = stepper(trainingStep(loss, optimizer, false), state, precision);
  const advance = (batch: NamedArrays): number => {
    const value = running.advance(batch);
    const reason = running.notCaptured();
    if (reason !== null) throw new Error(`the step to be timed is not captured: ${reason}`);
    return value;
  };
  return { ...running, advance };
}

/** The precision of numbers of 16 or 32 bits. */
export function precisionOf(bits = 32): Precision {
  if (bits === 16 || bits === 32) return bits === 16 ? "bfloat16" : "float32";
  throw unexpected("bits", "16 or 32", bits);
}

/** A learning rate in the form of a batch's array. */
export function rate(value: number): NamedArrays[string] {
  return { shape: [], data: Float32Array.of(value) };
}

/** The ResNet of that depth with 128-d embeddings. Throws RangeError unless it is 18 or 50. */
export function resnetOf(depth: number | undefined): ResNet {
  if (depth === 18 || depth === 50) return { kind: "resnet", depth, embedding: 128 };
  throw unexpected("depth", "18 or 50", depth);
}
