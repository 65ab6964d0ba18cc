import { describe, expect, test } from "vitest";
import { random } from "../../../lib/core/random";
import { convolve } from "../../../lib/nn/convolution";
import { type Architecture, embeddings, initialNetwork } from "../../../lib/nn/networks/network";
import {
  activationValues,
  multiplications,
  parameterCount,
  transformationMultiplications,
} from "../../../lib/nn/networks/operations";
import type { Pass } from "../../../lib/nn/pass";
import { workOf } from "../../../lib/nn/tally";
import { initialTransformation, transformation } from "../../../lib/nn/transformation";
import { toTensors } from "../../../lib/nn/weights";
import { recorded } from "../../../lib/tf/graph/recording";
import { tf } from "../../../lib/tf/tensorflow";
import { type Tensors, valueAndGradients } from "../../../lib/tf/tensors";

interface Seen {
  /** Multiply-adds of all ops before the embedding is there, from their tensors' shapes. */
  readonly multiplications: number;
  /** Values made before that, and used after it, in gradients. */
  readonly kept: number;
}

/** What an op multiplies: its output's values times the terms of each. */
function productsOf(op: string, [first, second]: readonly tf.Tensor[], output: tf.Tensor): number {
  const lengths = second?.shape ?? [];
  if (op === "Conv2D") return output.size * (lengths[0] ?? 0) * (lengths[1] ?? 0) * (lengths[2] ?? 0);
  if (op === "DepthwiseConv2dNative") return output.size * (lengths[0] ?? 0) * (lengths[1] ?? 0);
  if (op === "MatMul" || op === "BatchMatMulV2") return output.size * (first?.shape.at(-1) ?? 0);
  return 0;
}

/** Watches a training step on one image, op by op; weights, moments of normalisations and numbers do not count as kept. */
function watch(weights: Tensors, network: (pass: Pass) => tf.Tensor): Seen {
  let products = 0;
  let current: { readonly op: string; readonly inputs: readonly tf.Tensor[] } = { op: "", inputs: [] };
  let forward = true;
  const made = new Map<object, number>();
  const kept = new Map<object, number>();
  /** A tensor of another shape is the same values. */
  const reshaped = new Map<object, object>();
  const sourceOf = (dataId: object): object => reshaped.get(dataId) ?? dataId;
  const given = new Set<object>(Object.values(weights).map(({ dataId }) => dataId));
  const recorder = {
    before: (op: string, _: unknown, inputs: readonly tf.Tensor[]): void => {
      current = { op, inputs };
      if (forward) return;
      for (const dataId of inputs.map((input) => sourceOf(input.dataId))) {
        const size = made.get(dataId);
        if (size !== undefined && !given.has(dataId)) kept.set(dataId, size);
      }
    },
    after: (_: readonly tf.Tensor[], outputs: readonly tf.Tensor[]): void => {
      if (!forward) return;
      const [first] = outputs;
      const [source] = current.inputs;
      if (current.op === "Reshape" && source !== undefined && first !== undefined) {
        reshaped.set(first.dataId, sourceOf(source.dataId));
        return;
      }
      if (first !== undefined) products += productsOf(current.op, current.inputs, first);
      for (const { dataId, size, rank } of outputs) if (rank > 1) made.set(dataId, size);
    },
    reading: () => undefined,
  };
  recorded(recorder, () => {
    const { gradients } = valueAndGradients(weights, () => {
      const embedding = network({ weights, moments: {} });
      forward = false;
      return tf.sum<tf.Scalar>(tf.square(embedding));
    });
    tf.dispose({ ...gradients });
  });
  return { multiplications: products, kept: [...kept.values()].reduce((total, size) => total + size, 0) };
}

function watchNetwork(architecture: Architecture, side: number): Seen {
  const weights = toTensors(initialNetwork(architecture, random(1)));
  const image = tf.zeros<tf.Rank.R4>([1, side, side, 3]);
  try {
    return watch(weights, (pass) => embeddings(architecture, pass, image));
  } finally {
    tf.dispose([{ ...weights }, image]);
  }
}

// Sides at which no 3 x 3 convolution meets its whole map: it would be computed without the products by padding.
const cases: readonly (readonly [string, Architecture, number])[] = [
  ["a ResNet-18", { kind: "resnet", depth: 18, embedding: 24, width: 16 }, 75],
  ["a ResNet-34 with the small stem", { kind: "resnet", depth: 34, embedding: 24, width: 8, stem: "small" }, 37],
  ["a wide ResNet-50", { kind: "resnet", depth: 50, embedding: 24, width: 8, wide: 2 }, 81],
  ["a convolution net", { kind: "convolution-net", channels: 6, side: 32, embedding: 10 }, 32],
  ["a MobileNet", { kind: "mobilenet", width: 0.35, embedding: 24 }, 45],
  ["a MobileNet with the small stem", { kind: "mobilenet", width: 0.5, embedding: 24, stem: "small" }, 32],
  ["a ViT", { kind: "vit", side: 12, patch: 3, width: 16, depth: 3, heads: 4, embedding: 10 }, 12],
];

describe("counts for", () => {
  test.each(cases)("%s equal those of the ops of a training step", (_, architecture, side) => {
    const seen = watchNetwork(architecture, side);
    expect(multiplications(architecture, side)).toBe(seen.multiplications);
    expect(activationValues(architecture, side) / seen.kept).toBeCloseTo(1, 2);
  });

  test.each([
    [{ kind: "resnet", depth: 18, embedding: 512 }, 1_814_073_344 - 512_000],
    [{ kind: "resnet", depth: 50, embedding: 2048 }, 4_089_184_256 - 2_048_000],
    [{ kind: "resnet", depth: 50, embedding: 2048, wide: 2 }, 11_398_021_120 - 2_048_000],
    [{ kind: "mobilenet", width: 1, embedding: 1280 }, 300_774_272 - 1_280_000],
  ] as const)("$kind at 224 are torchvision's without its classifier", (architecture, expected) => {
    expect(multiplications(architecture, 224)).toBe(expected);
  });
});

describe("the multiplications of h", () => {
  test("are those of its matrix products", () => {
    const dimensions = { old: 6, side: 4, target: 5, inner: 12 };
    const weights = toTensors(initialTransformation(dimensions, random(1)));
    const [old, side] = [tf.zeros<tf.Rank.R2>([1, 6]), tf.zeros<tf.Rank.R2>([1, 4])];
    const seen = watch(weights, (pass) => transformation(pass, old, side));
    expect(transformationMultiplications(dimensions)).toBe(seen.multiplications);
    tf.dispose([{ ...weights }, old, side]);
  });

  // Two branches of d x 2d and 2d x 2d each, a mixer from 4d; with d = 128 and an inner width of 512 = 4d.
  const d = 128;
  test.each([
    [{}, 2 * (2 * d * d + 4 * d * d) + 16 * d * d + 16 * d * d + 4 * d * d],
    [{ layers: 0 }, 2 * (2 * d * d + 4 * d * d) + 4 * d * d],
    [{ layers: 1 }, 2 * (2 * d * d + 4 * d * d) + 16 * d * d + 4 * d * d],
    [{ layers: 4 }, 2 * (2 * d * d + 4 * d * d) + 4 * (16 * d * d) + 4 * d * d],
    [{ linear: true }, 2 * d * d],
  ] as const)("of the form %j are %i", (form, expected) => {
    expect(transformationMultiplications({ old: d, side: d, target: d, inner: 4 * d, ...form })).toBe(expected);
  });
});

describe("a convolution", () => {
  // On a map of 2 x 2 it runs as a product that leaves the padding out.
  test.each([1, 2, 8])("multiplies by its padding too, on a map of side %i, however it is computed", (side) => {
    const work = tf.tidy(() => {
      const filter = tf.zeros<tf.Rank.R4>([3, 3, 4, 5]);
      return workOf(tf.zeros<tf.Rank.R4>([1, side, side, 4]), (image) => convolve(image, filter));
    });
    expect(work).toEqual({ multiplications: side ** 2 * 9 * 4 * 5, kept: side ** 2 * 5 });
  });

  test("reports nothing outside of a count", () => {
    const before = tf.memory().numTensors;
    const pixel = (): tf.Tensor4D => tf.zeros([1, 1, 1, 1]);
    const work = tf.tidy(() => {
      convolve(pixel(), pixel());
      return workOf(pixel(), (image) => image.clone());
    });
    expect(work).toEqual({ multiplications: 0, kept: 0 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("counting is done once, frees what it makes, and is over after an error", () => {
  const net: Architecture = { kind: "convolution-net", channels: 6, side: 16, embedding: 10 };
  const before = tf.memory().numTensors;
  expect(() => multiplications(net, 48)).toThrow();
  const first = multiplications(net, 16);
  expect(multiplications({ ...net }, 16)).toBe(first);
  expect(tf.memory().numTensors).toBe(before);
});

test("parameters are all values but running statistics, counted by hand", () => {
  const net: Architecture = { kind: "convolution-net", channels: 6, side: 16, embedding: 10 };
  expect(parameterCount(net)).toBe(9 * 3 * 6 + 3 * (9 * 6 * 6) + 4 * (6 + 6) + 6 * 10 + 10);
});

test("a side is refused that is not a positive integer, or not the architecture's", () => {
  const net: Architecture = { kind: "convolution-net", channels: 6, side: 32, embedding: 10 };
  const vit: Architecture = { kind: "vit", side: 12, patch: 3, width: 16, depth: 1, heads: 4, embedding: 10 };
  expect(() => multiplications(net, 31.5)).toThrow(/side: .* of at least 1, got 31\.5/);
  expect(() => activationValues(net, 0)).toThrow(/side: .* of at least 1, got 0/);
  expect(() => multiplications(net, 16)).toThrow(/32 x 32, got 16 x 16/);
  expect(() => activationValues(vit, 24)).toThrow(/12 x 12, got 24 x 24/);
});
