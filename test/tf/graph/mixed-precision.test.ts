import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { crossEntropy } from "../../../lib/losses/cross-entropy";
import { unitRows } from "../../../lib/losses/unit-rows";
import { convolve, maxPool } from "../../../lib/nn/convolution";
import { type GraphNode, typeAttribute } from "../../../lib/tf/graph/node";
import type { Precision } from "../../../lib/tf/graph/precision";
import type { TensorKinds } from "../../../lib/tf/graph/recording";
import { runner } from "../../../lib/tf/graph/runner";
import { type PureStep, trace } from "../../../lib/tf/graph/trace";
import { addBias, batchNorm, product, relu } from "../../../lib/tf/native";
import { momentumUpdate } from "../../../lib/tf/optimizer-ops";
import { tf } from "../../../lib/tf/tensorflow";
import { inFloat32, type Tensors, tensorNamed, valueAndGradients } from "../../../lib/tf/tensors";
import { normals } from "../../losses/agreement";
import { withBatch } from "./courses";

let tensorsBefore = 0;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

const float32 = (...shape: number[]) => ({ shape, type: "float32" }) as const;

/** The nodes of a step without state, whose inputs are called as they are. */
function nodesOf(
  output: (inputs: Tensors) => tf.Tensor,
  inputs: TensorKinds,
  precision: Precision = "bfloat16",
): readonly GraphNode[] {
  const names = Object.fromEntries(Object.keys(inputs).map((name) => [name, name]));
  const step: PureStep = (state, given) => ({ state, output: tf.tidy(() => output(given)) });
  return trace(step, { state: {}, inputs }, { prefix: "op", state: {}, handles: {}, inputs: names }, precision).nodes;
}

const typeOf = ({ attributes }: GraphNode): string => {
  const { T: type } = attributes;
  if (type === undefined) return "";
  return JSON.stringify(type) === JSON.stringify(typeAttribute("bfloat16")) ? "bfloat16" : "other";
};

/** The nodes in words: "MatMul bfloat16", "Cast to float32". */
function inWords(nodes: readonly GraphNode[]): readonly string[] {
  return nodes.map((node) => {
    if (node.op !== "Cast") return typeOf(node) === "bfloat16" ? `${node.op} bfloat16` : node.op;
    const up = JSON.stringify(node.attributes.DstT) === JSON.stringify(typeAttribute("float32"));
    return `Cast to ${up ? "float32" : "bfloat16"}`;
  });
}

const count = (words: readonly string[], word: string): number => words.filter((each) => each === word).length;
const matrix = (inputs: Tensors, name: string): tf.Tensor2D => tensorNamed<tf.Tensor2D>(inputs, name);

describe("the graph of mixed precision", () => {
  test("casts what a product reads, and its result back", () => {
    const nodes = nodesOf((of) => product(matrix(of, "a"), matrix(of, "b")), { a: float32(2, 3), b: float32(3, 4) });
    expect(inWords(nodes)).toEqual(["Cast to bfloat16", "Cast to bfloat16", "MatMul bfloat16", "Cast to float32"]);
  });

  test("casts a value once for all that read it", () => {
    const nodes = nodesOf(
      (of) => tf.add(product(matrix(of, "a"), matrix(of, "b")), product(matrix(of, "a"), matrix(of, "c"))),
      { a: float32(2, 3), b: float32(3, 4), c: float32(3, 4) },
    );
    expect(count(inWords(nodes), "Cast to bfloat16")).toBe(3);
  });

  test("leaves out a pair of casts that cancels: from bfloat16 and back", () => {
    const nodes = nodesOf((of) => product(product(matrix(of, "a"), matrix(of, "b")), matrix(of, "b")), {
      a: float32(3, 3),
      b: float32(3, 3),
    });
    const [first, second] = nodes.filter(({ op }) => op === "MatMul");
    expect(second?.inputs[0]).toBe(first?.name);
    expect(count(inWords(nodes), "Cast to float32")).toBe(1);
  });

  test("keeps the pair that rounds, and all between in float32: the sum of two products", () => {
    const nodes = nodesOf((of) => product(tf.add(product(matrix(of, "a"), matrix(of, "b")), 1), matrix(of, "b")), {
      a: float32(3, 3),
      b: float32(3, 3),
    });
    const cast = "Cast to bfloat16";
    expect(inWords(nodes).filter((word) => word !== "Const")).toEqual([
      cast,
      cast,
      "MatMul bfloat16",
      "Cast to float32",
      "Add",
      cast,
      "MatMul bfloat16",
      "Cast to float32",
    ]);
  });

  test("rounds before values are moved, unless they are read in float32 too", () => {
    const moved = (of: Tensors): tf.Tensor2D => tf.concat2d([matrix(of, "a"), tf.reshape(matrix(of, "b"), [3, 3])], 0);
    const inputs = { a: float32(3, 3), b: float32(9), c: float32(3, 3) };
    const alone = inWords(nodesOf((of) => product(moved(of), matrix(of, "c")), inputs));
    expect(alone).toContain("ConcatV2 bfloat16");
    expect(alone).toContain("Reshape bfloat16");
    const both = inWords(
      nodesOf((of) => {
        const values = moved(of);
        return tf.add(tf.sum(values), tf.sum(product(values, matrix(of, "c"))));
      }, inputs),
    );
    expect(both).toContain("ConcatV2");
    expect(both).toContain("Reshape");
  });

  test("keeps a step that returns its state as float32: what is wanted is never bfloat16", () => {
    const nodes = nodesOf((of) => tf.reshape(product(matrix(of, "a"), matrix(of, "b")), [8]), {
      a: float32(2, 3),
      b: float32(3, 4),
    });
    expect(inWords(nodes).at(-1)).toBe("Cast to float32");
    expect(nodes.at(-1)?.name).toMatch(/^op\d+$/);
    expect(inWords(nodesOf((of) => tf.reshape(matrix(of, "a"), [6]), { a: float32(2, 3) }))).toContain("Reshape");
  });

  test("keeps what follows a bias in bfloat16, until it is added to something else or read in float32", () => {
    const images = float32(1, 8, 8, 4);
    const inputs = {
      images,
      filter: float32(3, 3, 4, 4),
      bias: { shape: [4], type: "float32" },
      other: images,
    } as const;
    const words = inWords(
      nodesOf((of) => {
        const biased = (x: tf.Tensor): tf.Tensor4D =>
          addBias(convolve(x as tf.Tensor4D, tensorNamed(of, "filter")), tensorNamed(of, "bias"));
        const block = relu(tf.add(biased(relu(biased(tensorNamed(of, "images")))), biased(tensorNamed(of, "images"))));
        return tf.sum(relu(tf.add(maxPool(block as tf.Tensor4D), tensorNamed(of, "other").slice(0, [1, 4, 4, 4]))));
      }, inputs),
    );
    const kinds = ["Conv2D", "BiasAdd", "Relu", "Add", "MaxPool"];
    expect(kinds.map((kind) => [count(words, `${kind} bfloat16`), count(words, kind)])).toEqual([
      [3, 0],
      [3, 0],
      [2, 1],
      [1, 1],
      [1, 0],
    ]);
    // Images, filter, bias and the zero of a padding; then the block's end, since something else is added to it.
    expect([count(words, "Cast to bfloat16"), count(words, "Cast to float32")]).toEqual([4, 1]);
  });

  test("leaves integers alone", () => {
    const nodes = nodesOf(
      (of) => tf.cast(tf.matMul(tf.cast(matrix(of, "a"), "int32"), tf.ones([3, 2], "int32")), "float32"),
      {
        a: float32(2, 3),
      },
    );
    expect(inWords(nodes)).toContain("BatchMatMulV2");
  });

  test("leaves alone what runs in float32, and its gradient", () => {
    const loss =
      (keep: boolean) =>
      (of: Tensors): tf.Tensor => {
        const similarity = (unit: tf.Tensor2D): tf.Tensor => tf.matMul(unit, unit, false, true);
        const { value, gradients } = valueAndGradients(of, () => {
          const unit = unitRows(product(matrix(of, "a"), matrix(of, "b")));
          return tf.sum(tf.square(keep ? inFloat32(() => similarity(unit)) : similarity(unit)));
        });
        return tf.addN([value, ...Object.values(gradients).map((gradient) => tf.sum(gradient))]);
      };
    const words = [true, false].map((keep) => inWords(nodesOf(loss(keep), { a: float32(4, 3), b: float32(3, 3) })));
    const [kept = [], lowered = []] = words;
    expect([count(kept, "BatchMatMulV2"), count(kept, "BatchMatMulV2 bfloat16")]).toEqual([3, 0]);
    expect([count(lowered, "BatchMatMulV2"), count(lowered, "BatchMatMulV2 bfloat16")]).toEqual([0, 3]);
    for (const each of words) expect(count(each, "MatMul bfloat16")).toBe(3);
    const biased = (of: Tensors): tf.Tensor => inFloat32(() => addBias(matrix(of, "a"), tensorNamed(of, "bias")));
    expect(inWords(nodesOf(biased, { a: float32(4, 3), bias: float32(3) }))).toEqual(["BiasAdd"]);
  });

  test("rounds nothing for the gradient of a normalisation whose input is no result of a convolution", () => {
    const inputs = { images: float32(2, 8, 8, 4), filter: float32(3, 3, 4, 4), scale: float32(4), offset: float32(4) };
    const nodes = nodesOf((of) => {
      const images = tensorNamed<tf.Tensor4D>(of, "images");
      const { value, gradients } = valueAndGradients(of, () => {
        const convolved = tf.sum(convolve(images, tensorNamed(of, "filter")));
        const { y, mean, variance } = batchNorm(images, {
          scale: tensorNamed(of, "scale"),
          offset: tensorNamed(of, "offset"),
        });
        tf.dispose([mean, variance]);
        return tf.add<tf.Scalar>(convolved, tf.sum(tf.square(y)));
      });
      return tf.addN([value, ...Object.values(gradients).map((gradient) => tf.sum(gradient))]);
    }, inputs);
    expect(nodes.find(({ op }) => op === "Conv2D")?.inputs[0]).toMatch(/rounded/);
    expect(nodes.find(({ op }) => op === "FusedBatchNormGradV3")?.inputs[1]).toBe("images");
  });
});

const [rows, classes] = [4, 3] as const;
const kinds = {
  filter: float32(3, 3, 3, 8),
  scale: float32(8),
  offset: float32(8),
  deep: float32(3, 3, 8, 8),
  classifier: float32(8, classes),
};

/** A step of momentum for a network of two convolutions, on maps of 8 x 8 and 4 x 4. */
const training: PureStep = (state, { images, labels }) =>
  tf.tidy(() => {
    const weights = Object.fromEntries(Object.keys(kinds).map((name) => [name, tensorNamed(state, name)]));
    const { value, gradients } = valueAndGradients(weights, () => {
      const { y, mean, variance } = batchNorm(convolve(images as tf.Tensor4D, tensorNamed(weights, "filter")), {
        scale: tensorNamed(weights, "scale"),
        offset: tensorNamed(weights, "offset"),
      });
      tf.dispose([mean, variance]);
      const embedding = tf.mean(convolve(relu(y), tensorNamed(weights, "deep"), 2), [1, 2]) as tf.Tensor2D;
      const logits = inFloat32(() => tf.matMul(embedding, tensorNamed<tf.Tensor2D>(weights, "classifier")));
      return crossEntropy(logits as tf.Tensor2D, labels as tf.Tensor1D, { smoothing: 0.1 });
    });
    const [momentum, rate] = [tf.scalar(0.9), tf.scalar(0.05)];
    const next = Object.entries(weights).flatMap(([name, weight]) => {
      const [velocity, gradient] = [tensorNamed(state, `${name}.velocity`), tensorNamed(gradients, name)];
      const after = momentumUpdate({ weight, velocity, gradient, momentum, rate });
      return [[name, after[0]] as const, [`${name}.velocity`, after[1]] as const];
    });
    return { state: Object.fromEntries(next), output: value };
  });

const trainingKinds = {
  state: Object.fromEntries(
    Object.entries(kinds).flatMap(([name, kind]) => [
      [name, kind],
      [`${name}.velocity`, kind],
    ]),
  ),
  inputs: { images: float32(rows, 8, 8, 3), labels: { shape: [rows], type: "int32" } },
} as const;

function trainingNodes(precision: Precision): readonly GraphNode[] {
  const named = (kinds: TensorKinds, prefix: string) =>
    Object.fromEntries(Object.keys(kinds).map((name) => [name, `${prefix}${name}`]));
  const { state, inputs } = trainingKinds;
  const names = {
    prefix: "op",
    state: named(state, "read"),
    handles: named(state, "handle"),
    inputs: named(inputs, ""),
  };
  return trace(training, trainingKinds, names, precision).nodes;
}

/** Losses of five steps, one of them of a smaller batch, and the last filter. */
function trained(precision: Precision): { readonly losses: readonly number[]; readonly filter: readonly number[] } {
  const start = Object.entries(trainingKinds.state).map(([name, { shape }]) => {
    const size = shape.reduce<number>((product, length) => product * length, 1);
    const values = name.endsWith("velocity") ? new Float32Array(size) : normals(name, size, 0.3);
    return [name, tf.tensor(values, [...shape])] as const;
  });
  const running = runner(training, Object.fromEntries(start), precision);
  tf.dispose(start.map(([, tensor]) => tensor));
  const batch = (step: number): Tensors => {
    const count = step === 3 ? rows - 1 : rows;
    const labels = Int32Array.from({ length: count }, (_, row) => (row + step) % classes);
    return {
      images: tf.tensor4d(normals(`images${step}`, count * 64 * 3), [count, 8, 8, 3]),
      labels: tf.tensor1d(labels, "int32"),
    };
  };
  const losses = [0, 1, 2, 3, 4].map((step) => Number(withBatch(batch(step), running.step)));
  expect(running.notCaptured()).toBeNull();
  const state = running.state();
  const filter = [...tensorNamed(state, "filter").dataSync()];
  tf.dispose({ ...state });
  running.dispose();
  return { losses, filter };
}

describe("a training step in mixed precision", () => {
  test("has bfloat16 in convolutions and products alone; small filters' gradients and the rest stay float32", () => {
    const words = inWords(trainingNodes("bfloat16"));
    const lowered = [...new Set(words.filter((word) => word.endsWith("bfloat16") && !word.startsWith("Cast")))].sort();
    expect(lowered).toEqual(["Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput"].map((op) => `${op} bfloat16`));
    expect(count(words, "Conv2DBackpropFilter bfloat16")).toBe(1);
    expect(count(words, "Conv2DBackpropFilter")).toBe(1);
    for (const op of ["FusedBatchNormV3", "FusedBatchNormGradV3", "ReluGrad", "ResourceApplyMomentum", "BatchMatMulV2"])
      expect(words).toContain(op);
  });

  test("keeps bfloat16 alone between the forward pass and a gradient", () => {
    const hidden = nodesOf(
      (of) => {
        const { value, gradients } = valueAndGradients(of, () =>
          tf.sum(product(relu(product(matrix(of, "a"), matrix(of, "b"))), matrix(of, "c"))),
        );
        return tf.addN([value, ...Object.values(gradients).map((gradient) => tf.sum(gradient))]);
      },
      { a: float32(4, 3), b: float32(3, 3), c: float32(3, 2) },
    );
    for (const [nodes, op, source] of [
      [trainingNodes("bfloat16"), "FusedBatchNormGradV3", "Conv2D bfloat16"],
      [hidden, "ReluGrad", "Cast to bfloat16"],
    ] as const) {
      const gradient = nodes.filter((node) => node.op === op);
      const named = (name = ""): readonly GraphNode[] => nodes.filter((node) => node.name === name);
      const [dy = "", kept] = gradient[0]?.inputs ?? [];
      const [again] = named(kept);
      expect(again?.inputs[1]).toBe(`^${dy.split(":")[0]}`);
      expect(inWords([...named(kept), ...named(again?.inputs[0])])).toEqual(["Cast to float32", source]);
      expect(nodes.filter(({ inputs }) => inputs.includes(kept ?? ""))).toEqual(gradient);
    }
  });

  test("reshapes results of products before they are cast", () => {
    const biased = (of: Tensors): tf.Tensor => tf.add(tf.reshape(product(matrix(of, "a"), matrix(of, "b")), [8]), 1);
    const words = inWords(nodesOf(biased, { a: float32(2, 3), b: float32(3, 4) }));
    expect(words.filter((word) => word !== "Const").slice(2)).toEqual([
      "MatMul bfloat16",
      "Reshape bfloat16",
      "Cast to float32",
      "Add",
    ]);
  });

  test("is the graph of float32 with casts, and nothing else", () => {
    const exact = inWords(trainingNodes("float32"));
    expect(exact.filter((word) => word.includes("bfloat16"))).toEqual([]);
    const mixed = inWords(trainingNodes("bfloat16"));
    const casts = /^Cast to (bfloat16|float32)$/;
    const uncast = mixed.filter((word) => !casts.test(word)).map((word) => word.replace(" bfloat16", ""));
    expect(uncast).toEqual(exact.filter((word) => !casts.test(word)));
  });

  test("gives losses within 1 % of float32, not the same ones, and the same bytes on every run", () => {
    const [exact, mixed] = [trained("float32"), trained("bfloat16")];
    expect(trained("bfloat16")).toEqual(mixed);
    exact.losses.forEach((loss, step) => {
      expect(Math.abs((mixed.losses[step] ?? Number.NaN) / loss - 1)).toBeLessThan(0.01);
    });
    expect(mixed.losses).not.toEqual(exact.losses);
    expect(mixed.filter).not.toEqual(exact.filter);
  });
});
