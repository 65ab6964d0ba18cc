import { random } from "../../core/random";
import { initialLinear } from "../../nn/initial";
import { embeddings, initialNetwork } from "../../nn/network";
import { optimizer } from "../../optim/optimizer";
import { weightNamed } from "../../tf/gradients";
import type { tf } from "../../tf/tensorflow";
import { backboneLoss } from "../../training/backbone-loss";
import type { Workload } from "../measurement";
import { noiseImages, noiseLabels } from "./made-up";
import { resnetOf } from "./resnets";
import { fromStart, rate } from "./training-state";

const classes = 242;

/** Steps of training a ResNet with its classifier: forward, gradient, update; a unit is an image. */
export async function trainingStep({ depth, side, batch, steps }: Readonly<Record<string, number>>): Promise<Workload> {
  const { architecture, count } = { architecture: resnetOf(depth), count: batch ?? 1 };
  const start = random("bench", "weights");
  const weights = {
    ...initialNetwork(architecture, start),
    classifier: initialLinear(start, architecture.embedding, classes),
  };
  const recipe = { labelSmoothing: 0.1 };
  const running = fromStart(
    weights,
    (pass, inputs) => {
      const embedding = embeddings(architecture, pass, weightNamed<tf.Tensor4D>(inputs, "images"));
      return backboneLoss(recipe, pass.weights, { embedding, labels: weightNamed<tf.Tensor1D>(inputs, "labels") });
    },
    optimizer({ kind: "sgd", momentum: 0.875, weightDecay: 2 ** -15 }),
  );
  const inputs = {
    images: noiseImages(count, side ?? 32),
    labels: noiseLabels(count, classes),
    learningRate: rate(0.01),
  };
  const advance = (): void => void running.advance(inputs);
  advance();
  advance();
  return {
    round: async () => {
      for (let step = 0; step < (steps ?? 1); step++) advance();
      return { units: count * (steps ?? 1) };
    },
  };
}
