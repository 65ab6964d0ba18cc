import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { random } from "../../../lib/core/random";
import { type AdapterSizes, adaptedMap, initialAdapter, mergedWeights } from "../../../lib/language/decoder/adapter";
import {
  type DecoderPass,
  type DecoderSizes,
  hiddenStates,
  initialDecoderWeights,
  tokenLogits,
} from "../../../lib/language/decoder/decoder";
import { crossEntropyPerSample } from "../../../lib/losses/cross-entropy";
import { weightedMean } from "../../../lib/losses/masked-distillation";
import { toArrays, toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { type Tensors, tensorNamed, valueAndGradients } from "../../../lib/tf/tensors";
import { expectClose, normals } from "../../losses/agreement";
import { goldenWeights } from "../../nn/golden-weights";

type Values = Readonly<Record<string, readonly number[]>>;

interface Computed {
  readonly logits: readonly number[];
  readonly loss: number;
  readonly gradients: Values;
}

const golden = JSON.parse(readFileSync(join(__dirname, "decoder.golden.json"), "utf8")) as {
  readonly sizes: DecoderSizes;
  readonly adapterSizes: AdapterSizes;
  readonly batch: number;
  readonly tokens: readonly number[];
  readonly targets: readonly number[];
  readonly counts: readonly number[];
  readonly weights: Values;
  readonly adapter: Values;
  readonly plain: Computed;
  readonly adapted: Computed;
};
const { sizes, adapterSizes, batch } = golden;
const length = golden.tokens.length / batch;
const largeSizes: DecoderSizes = { vocabulary: 50, context: 12, width: 16, depth: 2, heads: 4 };

const tokensOf = (tokens: readonly number[], rows: number): tf.Tensor2D =>
  tf.tensor2d([...tokens], [rows, tokens.length / rows], "int32");

function logitsOf(pass: DecoderPass, tokens: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tokenLogits(pass, hiddenStates(pass, tokens)));
}

function expectEqual(actual: tf.Tensor, expected: readonly number[], tolerance = 2e-5): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  values.forEach((value, i) => {
    expectClose(value / largest, (expected[i] ?? Number.NaN) / largest, tolerance);
  });
}

/** Logits, loss and gradients by `trained` equal PyTorch's, and no tensor stays. */
function expectComputed(pass: () => DecoderPass, trained: Tensors, { logits, loss, gradients }: Computed): void {
  const before = tf.memory().numTensors;
  const tokens = tokensOf(golden.tokens, batch);
  const made = logitsOf(pass(), tokens);
  expectEqual(made, logits);
  const targets = tf.tensor1d([...golden.targets], "int32");
  const counts = tf.tensor2d([...golden.counts], [batch, length]);
  const found = valueAndGradients(trained, () =>
    weightedMean(crossEntropyPerSample(logitsOf(pass(), tokens), targets), counts),
  );
  expectClose(found.value.dataSync()[0] ?? Number.NaN, loss, 1e-5);
  expect(Object.keys(found.gradients).sort()).toEqual(Object.keys(gradients).sort());
  for (const [name, gradient] of Object.entries(found.gradients)) expectEqual(gradient, gradients[name] ?? []);
  tf.dispose([tokens, made, targets, counts, found.value, { ...found.gradients }]);
  expect(tf.memory().numTensors).toBe(before);
}

describe("a decoder", () => {
  test("equals PyTorch's in logits, loss and gradients by every weight", () => {
    const weights = goldenWeights(initialDecoderWeights(sizes, "zeros"), golden.weights);
    expectComputed(() => ({ sizes, weights }), weights, golden.plain);
    tf.dispose({ ...weights });
  });

  test("with an adapter equals PyTorch's in logits, loss and gradients by every matrix of the adapter", () => {
    const weights = goldenWeights(initialDecoderWeights(sizes, "zeros"), golden.weights);
    const adapter = goldenWeights(initialAdapter(sizes, adapterSizes, random(1)), golden.adapter);
    expectComputed(() => ({ sizes, weights, map: adaptedMap(adapter, adapterSizes) }), adapter, golden.adapted);
    const merged = toTensors(
      mergedWeights(toArrays(weights), toArrays(adapter), { decoder: sizes, adapter: adapterSizes }),
    );
    const tokens = tokensOf(golden.tokens, batch);
    const logits = logitsOf({ sizes, weights: merged }, tokens);
    expectEqual(logits, golden.adapted.logits);
    tf.dispose([{ ...weights }, { ...adapter }, { ...merged }, tokens, logits]);
  });

  test("sees no token that comes later", () => {
    const weights = toTensors(initialDecoderWeights(largeSizes, random(1)));
    const [first, second] = [
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 9, 8, 7],
    ];
    const logits = tf.tidy(() => {
      const rows = logitsOf({ sizes: largeSizes, weights }, tokensOf([...first, ...second], 2));
      return rows.reshape([2, 6, largeSizes.vocabulary]).arraySync() as number[][][];
    });
    // The rounding of a product depends on how its rows are shared out.
    const distance = (place: number): number =>
      Math.max(...(logits[0]?.[place] ?? []).map((value, i) => Math.abs(value - (logits[1]?.[place]?.[i] ?? 1))));
    for (const place of [0, 1, 2]) expect(distance(place)).toBeLessThan(1e-6);
    for (const place of [3, 4, 5]) expect(distance(place)).toBeGreaterThan(1e-2);
    tf.dispose({ ...weights });
  });

  test("begins with small normal weights, and with an adapter that changes nothing", () => {
    const start = initialDecoderWeights(largeSizes, random(2));
    const values = start["blocks.0.expand.linear"]?.data ?? [];
    expect(Math.max(...Array.from(values, Math.abs))).toBeLessThanOrEqual(Math.fround(0.04));
    const written = start["blocks.1.contract.linear"]?.data ?? [];
    expect(Math.max(...Array.from(written, Math.abs))).toBeLessThanOrEqual(Math.fround(0.02));
    const { data: embeddings = [] } = start.tokens ?? {};
    const square = Array.from(embeddings, (value) => value * value).reduce((sum, value) => sum + value, 0);
    // A normal distribution that is cut at two deviations has 0.88 of its own.
    expect((square / embeddings.length) * largeSizes.width).toBeCloseTo(0.88 ** 2, 1);
    const adapter = initialAdapter(largeSizes, { rank: 4, alpha: 8 }, random(3));
    expect(Object.keys(adapter)).toHaveLength(2 * 6 * largeSizes.depth);
    const merged = mergedWeights(start, adapter, { decoder: largeSizes, adapter: { rank: 4, alpha: 8 } });
    for (const [name, { data }] of Object.entries(start)) expect(merged[name]?.data).toEqual(data);
  });

  test("refuses bad sizes, and a text longer than its context", () => {
    expect(() => initialDecoderWeights({ ...largeSizes, heads: 3 }, "zeros")).toThrow(
      /multiple of its 3 heads, got 16/,
    );
    expect(() => initialDecoderWeights({ ...largeSizes, depth: 0 }, "zeros")).toThrow(/depth: .* got 0/);
    expect(() => initialAdapter(largeSizes, { rank: 0, alpha: 1 }, random(1))).toThrow(/rank: .* got 0/);
    expect(() => initialAdapter(largeSizes, { rank: 1, alpha: 0 }, random(1))).toThrow(/alpha: .* got 0/);
    const weights = toTensors(initialDecoderWeights(largeSizes, "zeros"));
    const tokens = tf.zeros<tf.Rank.R2>([1, 13], "int32");
    expect(() => hiddenStates({ sizes: largeSizes, weights }, tokens)).toThrow(/tokens of a text: .* 12, got 13/);
    tf.dispose([{ ...weights }, tokens]);
  });
});

test("the rows of a table collect the gradients of all their places", async () => {
  const { embeddingRows } = await import("../../../lib/nn/embedding");
  const table = tf.tensor2d(normals("table", 12), [4, 3]);
  const ids = tf.tensor1d([2, 0, 2, 2], "int32");
  const slopes = tf.tensor2d(normals("slopes", 12), [4, 3]);
  const { value, gradients } = valueAndGradients({ table }, () =>
    tf.sum<tf.Scalar>(tf.mul(embeddingRows(table, ids), slopes)),
  );
  const [a, b, c, d] = slopes.arraySync();
  const sum = [0, 1, 2].map((i) => (a?.[i] ?? 0) + (c?.[i] ?? 0) + (d?.[i] ?? 0));
  const found = (tensorNamed(gradients, "table") as tf.Tensor2D).arraySync();
  expect([found[0], found[1], found[3]]).toEqual([b, [0, 0, 0], [0, 0, 0]]);
  sum.forEach((expected, i) => {
    expectClose(found[2]?.[i] ?? Number.NaN, expected, 1e-6);
  });
  tf.dispose([table, ids, slopes, value, { ...gradients }]);
});
