import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { NamedArray, NamedArrays } from "../../lib/core/named-arrays";
import { projectRoot } from "../../lib/core/paths";
import { fromTorch } from "../../lib/interop/from-torch";
import { readTorchFile } from "../../lib/interop/torch-file";
import { crossEntropy } from "../../lib/losses/cross-entropy";
import { convolve, globalAveragePool } from "../../lib/nn/convolution";
import { initialNorm } from "../../lib/nn/initial";
import { inference } from "../../lib/nn/networks/inference";
import { type ResNet, resnet } from "../../lib/nn/networks/resnet";
import { isStatistic, normalise, type Pass } from "../../lib/nn/pass";
import { prefixed, toArrays, toTensors, withPrefix } from "../../lib/nn/weights";
import { optimizer } from "../../lib/optim/optimizer";
import type { Precision } from "../../lib/tf/graph/precision";
import { relu } from "../../lib/tf/native";
import { tf } from "../../lib/tf/tensorflow";
import { tensorNamed } from "../../lib/tf/tensors";
import { forward } from "../../lib/training/forward";
import { type Loss, type Stepper, stepper, trainingStep } from "../../lib/training/loop/training-step";

const folder = join(projectRoot(), "test", "oracles");
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));

interface Course {
  readonly losses: readonly number[];
  /** The probe's embeddings in evaluation mode, before and after each step. */
  readonly embeddings: readonly ArrayLike<number>[];
}

/** test/oracles/make_resnet_oracle.py, in 64 bits, says what all steps have in common. */
const oracle: Course & {
  readonly architecture: ResNet;
  readonly side: number;
  readonly classes: number;
  readonly probes: number;
  readonly sgd: Readonly<Record<"lr" | "momentum" | "weightDecay" | "labelSmoothing", number>>;
} = json("resnet18.json");

/** test/oracles/make_autocast_oracle.py. */
const torch: {
  readonly deep: { readonly batch: number; readonly autocast: Course };
  readonly shallow: { readonly batch: number; readonly autocast: Course; readonly exact: Course };
} = json("autocast.json");

interface Subject {
  readonly weights: NamedArrays;
  readonly embedding: (pass: Pass, images: tf.Tensor4D) => tf.Tensor2D;
  readonly batch: number;
  readonly steps: number;
}

/** Steps of SGD on a classifier, captured at a precision. */
function course({ weights, embedding, batch, steps }: Subject, precision: Precision): Course {
  const probe = (of: NamedArrays): Float32Array => probed(of, embedding, precision);
  const running = fromStart(weights, embedding, precision);
  const [losses, embeddings] = [[] as number[], [probe(weights)]];
  for (let step = 1; step <= steps; step++) {
    const labels = Int32Array.from({ length: batch }, (_, row) => (5 * row + step) % oracle.classes);
    const learningRate = { shape: [], data: Float32Array.of(oracle.sgd.lr) };
    losses.push(
      running.advance({ images: pixels(step, batch), labels: { shape: [batch], data: labels }, learningRate }),
    );
    embeddings.push(probe(withPrefix(running.state(), "weights.")));
  }
  expect(running.notCaptured()).toBeNull();
  running.dispose();
  return { losses, embeddings };
}

/** Embeddings of the probe in evaluation mode. */
function probed(weights: NamedArrays, embedding: Subject["embedding"], precision: Precision): Float32Array {
  const network = forward(weights, (pass, { images }) => embedding(pass, images as tf.Tensor4D), precision);
  const values = network.map({ images: pixels(0, oracle.probes) });
  expect(network.notCaptured()).toBeNull();
  network.dispose();
  return values;
}

function fromStart(weights: NamedArrays, embedding: Subject["embedding"], precision: Precision): Stepper {
  const { momentum, weightDecay, labelSmoothing: smoothing } = oracle.sgd;
  const rule = optimizer({ kind: "sgd", momentum, weightDecay });
  const loss: Loss = (pass, inputs) => {
    const classifier = tensorNamed<tf.Tensor2D>(pass.weights, "classifier");
    const logits: tf.Tensor2D = tf.matMul(embedding(pass, tensorNamed(inputs, "images")), classifier);
    return crossEntropy(logits, tensorNamed(inputs, "labels"), { smoothing });
  };
  const trained = toTensors(Object.fromEntries(Object.entries(weights).filter(([name]) => !isStatistic(name))));
  const slotTensors = rule.initialSlots(trained);
  const slots = toArrays(slotTensors);
  tf.dispose({ ...trained, ...slotTensors });
  const step = { shape: [], data: Float32Array.of(0) };
  const state = { ...prefixed(weights, "weights."), ...prefixed(slots, "slots."), step };
  return stepper(trainingStep(loss, rule, false), state, precision);
}

/** Images by the formula of make_resnet_oracle.py. */
function pixels(batch: number, count: number): NamedArray {
  const { side } = oracle;
  const value = (i: number): number => (2 * ((i * i + 7919 * i + 104729 * batch) % 10007)) / 10007 - 1;
  return {
    shape: [count, side, side, 3],
    data: Float32Array.from({ length: count * side * side * 3 }, (_, i) => value(i)),
  };
}

/** Weights by the formula of make_autocast_oracle.py. */
function weight(index: number, shape: readonly number[]): NamedArray {
  const length = shape.reduce((product, size) => product * size, 1);
  const value = (i: number): number => ((31 * i * i + 17 * i + 7919 * index) % 1009) / 1009 - 0.5;
  return { shape, data: Float32Array.from({ length }, (_, i) => value(i)) };
}

const shallow: Subject = {
  weights: {
    first: weight(0, [3, 3, 3, 8]),
    ...initialNorm("norm1", 8),
    second: weight(1, [3, 3, 8, 16]),
    ...initialNorm("norm2", 16),
    classifier: weight(2, [16, oracle.classes]),
  },
  embedding: (pass, images) => {
    const first = relu(normalise(pass, "norm1", convolve(images, tensorNamed(pass.weights, "first"))));
    const second = relu(normalise(pass, "norm2", convolve(first, tensorNamed(pass.weights, "second"), 2)));
    return globalAveragePool(second);
  },
  batch: torch.shallow.batch,
  steps: torch.shallow.exact.losses.length,
};

/** |actual - expected| / |expected|, of the whole vectors, of each entry. */
function distances(actual: Course, expected: Course): readonly number[] {
  return expected.embeddings.map((values, index) => {
    const own = actual.embeddings[index] ?? [];
    const differences = Array.from(values, (value, i) => (own[i] ?? Number.NaN) - value);
    return Math.hypot(...differences) / Math.hypot(...Array.from(values));
  });
}

function lossDifferences(actual: Course, expected: Course): readonly number[] {
  return expected.losses.map((loss, index) => Math.abs((actual.losses[index] ?? Number.NaN) - loss));
}

const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

describe("mixed precision beside PyTorch's autocast to bfloat16", () => {
  test("two convolutions over ten steps: embeddings within 0.5 %, losses within 0.002", () => {
    const { exact, autocast } = torch.shallow;
    const float32 = course(shallow, "float32");
    expect(largest(distances(float32, exact))).toBeLessThan(1e-5);
    expect(largest(lossDifferences(float32, exact))).toBeLessThan(1e-5);
    const mixed = course(shallow, "bfloat16");
    for (const reference of [exact, autocast]) {
      expect(largest(distances(mixed, reference))).toBeLessThan(5e-3);
      expect(largest(lossDifferences(mixed, reference))).toBeLessThan(2e-3);
    }
    // It is not float32 under another name.
    expect(Math.min(...distances(mixed, exact))).toBeGreaterThan(1e-4);
  });

  test("a ResNet-18: as near to 64 bits as autocast, within twice its distance once it has trained", async () => {
    const subject: Subject = {
      weights: fromTorch(await readTorchFile(join(folder, "resnet18.pt"))),
      embedding: (pass, images) => resnet(oracle.architecture, pass, images),
      batch: torch.deep.batch,
      steps: oracle.losses.length,
    };
    const mixed = course(subject, "bfloat16");
    const [first = Number.NaN, ...later] = distances(mixed, oracle);
    const [autocastFirst = 0, ...autocastLater] = distances(torch.deep.autocast, oracle);
    expect(first).toBeLessThan(autocastFirst);
    later.forEach((distance, step) => {
      expect(distance, `after step ${step + 1}`).toBeLessThan(2 * (autocastLater[step] ?? 0));
    });
    const bound = 2 * largest(lossDifferences(torch.deep.autocast, oracle));
    expect(largest(lossDifferences(mixed, oracle))).toBeLessThan(bound);
  });

  test("a folded ResNet-18, whose activations stay bfloat16 too: within twice autocast's distance", async () => {
    const weights = fromTorch(await readTorchFile(join(folder, "resnet18.pt")));
    const ready = inference(oracle.architecture, weights);
    const embedding: Subject["embedding"] = (pass, images) => ready.embeddings(pass.weights, images);
    const at = (precision: Precision): number => {
      const embeddings = [probed(ready.weights, embedding, precision)];
      return largest(distances({ losses: [], embeddings }, { losses: [], embeddings: oracle.embeddings.slice(0, 1) }));
    };
    const [autocast = 0] = distances(torch.deep.autocast, oracle);
    expect(at("float32")).toBeLessThan(1e-5);
    expect(at("bfloat16")).toBeLessThan(2 * autocast);
  });
});
