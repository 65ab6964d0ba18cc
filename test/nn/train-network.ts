import type { NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { crossEntropy } from "../../lib/losses/cross-entropy";
import { initialLinear } from "../../lib/nn/initial";
import { type Architecture, embeddings, initialNetwork } from "../../lib/nn/networks/network";
import { isStatistic } from "../../lib/nn/pass";
import { prefixed, toTensors } from "../../lib/nn/weights";
import { optimizer } from "../../lib/optim/optimizer";
import { runner } from "../../lib/tf/graph/runner";
import type { PureStep } from "../../lib/tf/graph/trace";
import { tf } from "../../lib/tf/tensorflow";
import { type Tensors, tensorNamed } from "../../lib/tf/tensors";
import { trainingStep } from "../../lib/training/loop/training-step";
import { normals } from "../losses/agreement";

const [rows, classes] = [8, 4] as const;
const rule = optimizer({ kind: "sgd", momentum: 0.9, weightDecay: 1e-4 });

/** A classifier on the network's embeddings of eight images, over steps of gradient descent. */
function classifierStep(architecture: Architecture): PureStep {
  const step = trainingStep(
    (pass, batch) => {
      const embedding = embeddings(architecture, pass, tensorNamed(batch, "images"));
      const classifier = tensorNamed<tf.Tensor2D>(pass.weights, "classifier");
      return crossEntropy(tf.matMul(embedding, classifier), tensorNamed(batch, "labels"), { smoothing: 0 });
    },
    rule,
    false,
  );
  return (before, batch) => {
    const { state, loss } = step(before, batch);
    return { state, output: loss };
  };
}

function startOf(architecture: Architecture): Tensors {
  const network = initialNetwork(architecture, random(1, "start"));
  const classifier = initialLinear(random(1, "classifier"), architecture.embedding, classes);
  const weights: NamedArrays = { ...network, classifier };
  const tensors = toTensors(weights);
  const trained = Object.fromEntries(Object.entries(tensors).filter(([name]) => !isStatistic(name)));
  return { ...prefixed(tensors, "weights."), ...prefixed(rule.initialSlots(trained), "slots."), step: tf.scalar(0) };
}

function batchOf(side: number, learningRate: number): Tensors {
  return {
    images: tf.tensor4d(normals("images", rows * side * side * 3), [rows, side, side, 3]),
    labels: tf.tensor1d(
      Int32Array.from({ length: rows }, (_, row) => row % classes),
      "int32",
    ),
    learningRate: tf.scalar(learningRate),
  };
}

interface Training {
  readonly losses: readonly number[];
  /** Why the step ran op by op; null where it was captured. */
  readonly notCaptured: string | null;
  /** Tensors that remain once all is disposed of. */
  readonly left: number;
}

/** The same eight images, `steps` times, through the captured step. */
export function trained(architecture: Architecture, side: number, steps: number, learningRate: number): Training {
  const before = tf.memory().numTensors;
  const state = startOf(architecture);
  const training = runner(classifierStep(architecture), state);
  const batch = batchOf(side, learningRate);
  const losses = Array.from({ length: steps }, () => numberOf(training.step(batch)));
  const notCaptured = training.notCaptured();
  training.dispose();
  tf.dispose([{ ...state }, { ...batch }]);
  return { losses, notCaptured, left: tf.memory().numTensors - before };
}

/** The loss of one step run op by op, and the tensors that remain. */
export function uncaptured(architecture: Architecture, side: number): Omit<Training, "notCaptured"> {
  const before = tf.memory().numTensors;
  const state = startOf(architecture);
  const batch = batchOf(side, 0.1);
  const next = classifierStep(architecture)(state, batch);
  const losses = [numberOf(next.output)];
  tf.dispose([{ ...state }, { ...batch }, { ...next.state }]);
  return { losses, left: tf.memory().numTensors - before };
}

function numberOf(scalar: tf.Tensor): number {
  const value = scalar.dataSync()[0] ?? Number.NaN;
  scalar.dispose();
  return value;
}
