import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { alignment } from "../../lib/losses/alignment";
import { compatibility } from "../../lib/losses/compatibility";
import { contrastive } from "../../lib/losses/contrastive";
import { crossEntropy } from "../../lib/losses/cross-entropy";
import { marginLogits } from "../../lib/losses/margin";
import { convolve, globalAveragePool, maxPool } from "../../lib/nn/convolution";
import { initialConvolution, initialLinear, initialNorm } from "../../lib/nn/initial";
import {
  type ConvolutionNet,
  convolutionNet,
  decoder,
  initialConvolutionNet,
  initialDecoder,
} from "../../lib/nn/networks/convolution-net";
import { isStatistic, normalise, type Pass } from "../../lib/nn/pass";
import { initialTransformation, transformation } from "../../lib/nn/transformation";
import { prefixed, toTensors } from "../../lib/nn/weights";
import { type OptimizerRecipe, optimizer } from "../../lib/optim/optimizer";
import { entriesAt, relu } from "../../lib/tf/native";
import { tf } from "../../lib/tf/tensorflow";
import { type Tensors, tensorNamed } from "../../lib/tf/tensors";
import { type Loss, trainingStep } from "../../lib/training/loop/training-step";
import { capturedCourse, expectCaptured, type Trial } from "../tf/graph/courses";

const sgd: OptimizerRecipe = { kind: "sgd", momentum: 0.9, weightDecay: 5e-4 };
const adam: OptimizerRecipe = { kind: "adam", weightDecay: 1e-4 };

interface Training {
  readonly weights: NamedArrays;
  readonly loss: Loss;
  readonly batch: (rows: number, index: number) => Tensors;
}

let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

const normals = (shape: number[], index: number): tf.Tensor => tf.randomNormal(shape, 0, 1, "float32", index + 1);
const labels = (rows: number, classes: number, index: number): tf.Tensor1D =>
  tf.tensor1d(
    Array.from({ length: rows }, (_, row) => (row * 5 + index) % classes),
    "int32",
  );

/** A stem with pooling and one residual block with a strided shortcut: every op of a ResNet. */
const small: Training = {
  weights: {
    stem: initialConvolution(random(1, "stem"), 7, 3, 8),
    ...initialNorm("stem.norm", 8),
    first: initialConvolution(random(1, "first"), 3, 8, 16),
    ...initialNorm("first.norm", 16),
    shortcut: initialConvolution(random(1, "shortcut"), 1, 8, 16),
    ...initialNorm("shortcut.norm", 16),
    classifier: initialLinear(random(1, "classifier"), 16, 5),
  },
  loss: (pass, batch) =>
    crossEntropy(
      tf.matMul(smallResNet(pass, tensorNamed(batch, "images")), tensorNamed<tf.Tensor2D>(pass.weights, "classifier")),
      tensorNamed(batch, "labels"),
      { smoothing: 0.1 },
    ),
  batch: (rows, index) => ({ images: normals([rows, 16, 16, 3], index), labels: labels(rows, 5, index) }),
};

function smallResNet(pass: Pass, images: tf.Tensor4D): tf.Tensor2D {
  const weight = (name: string): tf.Tensor4D => tensorNamed(pass.weights, name);
  const x = maxPool(relu(normalise(pass, "stem.norm", convolve(images, weight("stem"), 2))));
  const y = normalise(pass, "first.norm", convolve(x, weight("first"), 2));
  const z = normalise(pass, "shortcut.norm", convolve(x, weight("shortcut"), 2));
  return globalAveragePool(relu(tf.add(y, z)));
}

const h: Training = {
  weights: initialTransformation({ old: 6, side: 4, target: 5, inner: 12 }, random(2, "h")),
  loss: (pass, batch) =>
    alignment(
      transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side")),
      tensorNamed(batch, "target"),
    ),
  batch: (rows, index) => ({
    old: normals([rows, 6], index),
    side: normals([rows, 4], index + 100),
    target: normals([rows, 5], index + 200),
  }),
};

const net: ConvolutionNet = { kind: "convolution-net", channels: 6, side: 16, embedding: 4 };
const images: Training["batch"] = (rows, index) => ({ images: normals([rows, 16, 16, 3], index) });

const simclr: Training = {
  weights: initialConvolutionNet(net, random(3, "net")),
  loss: (pass, batch) => contrastive(convolutionNet(net, pass, tensorNamed(batch, "images")), { temperature: 0.5 }),
  batch: images,
};

const autoencoder: Training = {
  weights: { ...simclr.weights, ...initialDecoder(net, random(4, "decoder")) },
  loss: (pass, batch) => {
    const input = tensorNamed<tf.Tensor4D>(batch, "images");
    return tf.mean(tf.squaredDifference(decoder(net, pass, convolutionNet(net, pass, input)), input));
  },
  batch: images,
};

/** The training step of `training`, which begins with fresh slots; the learning rate falls. */
function trialOf({ weights, loss, batch }: Training, recipe: OptimizerRecipe, frozenNorm: boolean): Trial {
  const step = trainingStep(loss, optimizer(recipe), frozenNorm);
  return {
    step: (before, inputs) => {
      const { state, loss: output } = step(before, inputs);
      return { state, output };
    },
    start: () => {
      const tensors = toTensors(weights);
      const trained = Object.fromEntries(Object.entries(tensors).filter(([name]) => !isStatistic(name)));
      const slots = optimizer(recipe).initialSlots(trained);
      return { ...prefixed(tensors, "weights."), ...prefixed(slots, "slots."), step: tf.scalar(0) };
    },
    batch: (rows, index) => ({ ...batch(rows, index), learningRate: tf.scalar(0.05 / (index + 1)) }),
  };
}

describe("a captured training step equals the step run op by op", () => {
  const rows = [8, 8, 8, 6, 8];
  for (const recipe of [sgd, adam]) {
    for (const frozen of [false, true]) {
      const mode = `${recipe.kind}, ${frozen ? "running" : "batch"} statistics`;
      for (const [name, training] of Object.entries({ "a small ResNet": small, h })) {
        it(`${name}, ${mode}, a smaller batch among them`, () => {
          expectCaptured(trialOf(training, recipe, frozen), rows);
        });
      }
    }
  }
  it("SimCLR on the convolution net", () => {
    expectCaptured(trialOf(simclr, adam, false), rows);
  });
  it("the autoencoder", () => {
    expectCaptured(trialOf(autoencoder, adam, false), rows);
  });
  it("margins, and compatibility with a frozen classifier", () => {
    const old = tf.randomNormal<tf.Rank.R2>([16, 5], 0, 1, "float32", 7);
    const isOld = tf.tensor1d([1, 1, 0, 1, 0]);
    const loss: Loss = (pass, batch) => {
      const embedding = smallResNet(pass, tensorNamed(batch, "images"));
      const classes = tensorNamed<tf.Tensor1D>(batch, "labels");
      const classifier = tensorNamed<tf.Tensor2D>(pass.weights, "classifier");
      const logits = marginLogits(embedding, classifier, classes, { kind: "arcface", scale: 8, margin: 0.2 });
      const mask = entriesAt(isOld, classes);
      const influence = compatibility({ logits: tf.matMul(embedding, old) as tf.Tensor2D, labels: classes, mask });
      return tf.add(crossEntropy(logits, classes), influence);
    };
    const both = { ...small, loss };
    expectCaptured(trialOf(both, sgd, false), rows);
    tf.dispose([old, isOld]);
  });
  it("to the same bytes on every run", () => {
    const trial = trialOf(small, sgd, false);
    expect(capturedCourse(trial, rows)).toEqual(capturedCourse(trial, rows));
  });
});

it("a training step that reads a value is refused, and leaves no tensor behind", () => {
  const loss: Loss = (pass, batch) => {
    const value = small.loss(pass, batch, {});
    return tf.mul(value, value.dataSync()[0] ?? 0);
  };
  const trial = trialOf({ ...small, loss }, sgd, false);
  expect(() => capturedCourse(trial, [4])).toThrow(/a value is read: the result of Mean/);
});
