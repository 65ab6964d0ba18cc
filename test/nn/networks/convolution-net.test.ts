import { describe, expect, test } from "vitest";
import type { NamedArray, NamedArrays } from "../../../lib/core/named-arrays";
import { random } from "../../../lib/core/random";
import {
  type ConvolutionNet,
  convolutionNet,
  decoder,
  initialConvolutionNet,
  initialDecoder,
} from "../../../lib/nn/networks/convolution-net";
import { evaluation, type Pass, runningStatistics } from "../../../lib/nn/pass";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { expectClose, normals } from "../../losses/agreement";
import { naiveConvolve } from "../naive-convolution";

const architecture: ConvolutionNet = { kind: "convolution-net", channels: 3, side: 16, embedding: 4 };

/** Convolution, normalisation by the running moments and ReLU, in plain loops. */
function naiveLayer(x: NamedArray, weights: NamedArrays, convolution: string, norm: string): NamedArray {
  const channels = 3;
  const part = (name: string, channel: number): number => weights[`${norm}.${name}`]?.data[channel] ?? Number.NaN;
  const values = naiveConvolve(x, weights[convolution] ?? x, 1).map((value, i) => {
    const c = i % channels;
    const unit = (value - part("mean", c)) / Math.sqrt(part("variance", c) + 1e-5);
    return Math.max(0, unit * part("scale", c) + part("offset", c));
  });
  return { shape: [...x.shape.slice(0, 3), channels], data: Float32Array.from(values) };
}

/** Each channel's value at a place of an image [1, side, side, 3]. */
function at({ shape, data }: NamedArray, row: number, column: number): number[] {
  const start = (row * (shape[2] ?? 0) + column) * 3;
  return Array.from(data.subarray(start, start + 3));
}

/** An image whose values are those that `of` gives for every place. */
function imageOf(side: number, of: (row: number, column: number) => readonly number[]): NamedArray {
  const places = Array.from({ length: side * side }, (_, i) => [Math.floor(i / side), i % side] as const);
  return { shape: [1, side, side, 3], data: Float32Array.from(places.flatMap(([row, column]) => of(row, column))) };
}

function halved(x: NamedArray): NamedArray {
  return imageOf((x.shape[1] ?? 0) / 2, (row, column) => {
    const corners = [0, 1].flatMap((i) => [0, 1].map((j) => at(x, 2 * row + i, 2 * column + j)));
    return [0, 1, 2].map((c) => Math.max(...corners.map((corner) => corner[c] ?? Number.NaN)));
  });
}

function doubled(x: NamedArray): NamedArray {
  return imageOf(2 * (x.shape[1] ?? 0), (row, column) => at(x, Math.floor(row / 2), Math.floor(column / 2)));
}

function linear(x: ArrayLike<number>, weights: NamedArrays, name: string): number[] {
  const matrix = weights[`${name}.linear`];
  const bias = Array.from(weights[`${name}.bias`]?.data ?? []);
  return bias.map((start, j) =>
    Array.from(x).reduce((sum, value, i) => sum + value * (matrix?.data[i * bias.length + j] ?? Number.NaN), start),
  );
}

/** Weights whose normalisations are no identities. */
function varied(weights: NamedArrays): NamedArrays {
  const entries = Object.entries(weights).map(([name, { shape, data }]): [string, NamedArray] => {
    if (!name.includes(".norm.")) return [name, { shape, data }];
    return [name, { shape, data: Float32Array.from(normals(name, data.length), (value) => Math.abs(value) + 0.2) }];
  });
  return Object.fromEntries(entries);
}

function expectNumbers(actual: tf.Tensor, expected: ArrayLike<number>): void {
  expect(actual.size).toBe(expected.length);
  actual.dataSync().forEach((value, i) => {
    expectClose(value, expected[i] ?? Number.NaN, 2e-5);
  });
}

describe("the convolution net", () => {
  test("equals its naive twin: four times convolution, normalisation, ReLU and maximum, then a linear map", () => {
    const weights = varied(initialConvolutionNet(architecture, random(1)));
    let x: NamedArray = { shape: [1, 16, 16, 3], data: normals("image", 16 * 16 * 3) };
    const images = tf.tensor4d(x.data, [1, 16, 16, 3]);
    for (let i = 0; i < 4; i++) x = halved(naiveLayer(x, weights, `blocks.${i}.convolution`, `blocks.${i}.norm`));
    expectNumbers(
      convolutionNet(architecture, evaluation(toTensors(weights)), images),
      linear(x.data, weights, "head"),
    );
  });

  test("refuses a side that four halvings do not divide, naming it", () => {
    expect(() => initialConvolutionNet({ ...architecture, side: 24 }, random(1))).toThrow(/a multiple of 16, got 24/);
  });
});

describe("the decoder", () => {
  const weights = varied(initialDecoder(architecture, random(2)));

  test("equals its naive twin: a linear map, four times doubling, convolution, normalisation and ReLU, a convolution", () => {
    const embedding = normals("embedding", 4);
    let x: NamedArray = { shape: [1, 1, 1, 3], data: Float32Array.from(linear(embedding, weights, "decoder")) };
    for (let i = 0; i < 4; i++) x = naiveLayer(doubled(x), weights, `decoder.${i}.convolution`, `decoder.${i}.norm`);
    const expected = naiveConvolve(x, weights["decoder.last.convolution"] ?? x, 1);
    const pass = evaluation(toTensors(weights));
    expectNumbers(decoder(architecture, pass, tf.tensor2d(embedding, [1, 4])), expected);
  });

  test("draws another image for another embedding, and each image from its own embedding alone", () => {
    const pass = evaluation(toTensors(weights));
    const embeddings = tf.tensor2d(normals("embeddings", 12, 10), [3, 4]);
    const images = decoder(architecture, pass, embeddings);
    const [first, second, third] = tf.split(images, 3).map((image) => image.dataSync());
    const distance = (a: ArrayLike<number> = [], b: ArrayLike<number> = []): number =>
      Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
    expect(distance(first, second)).toBeGreaterThan(0.01);
    expect(distance(second, third)).toBeGreaterThan(0.01);
    expectNumbers(decoder(architecture, pass, embeddings.slice([1, 0], [1, 4])), second ?? []);
  });
});

test("running statistics move a tenth of the way to the batch's", () => {
  const weights = { "a.mean": tf.tensor1d([1, 2]), "a.variance": tf.tensor1d([1, 4]), "a.scale": tf.tensor1d([5, 5]) };
  const moments = { "a.mean": tf.tensor1d([3, -8]), "a.variance": tf.tensor1d([0, 14]) };
  const after = runningStatistics(weights, moments);
  expect(Object.keys(after)).toEqual(["a.mean", "a.variance"]);
  expectNumbers(after["a.mean"] ?? tf.scalar(0), [1.2, 1]);
  expectNumbers(after["a.variance"] ?? tf.scalar(0), [0.9, 5]);
});

test("in training mode a pass collects the moments of every normalisation, in evaluation mode none", () => {
  const tensors = toTensors(initialConvolutionNet(architecture, random(3)));
  const images = tf.tensor4d(normals("batch", 4 * 16 * 16 * 3), [4, 16, 16, 3]);
  const moments: Record<string, tf.Tensor1D> = {};
  const training: Pass = { weights: tensors, moments };
  convolutionNet(architecture, training, images);
  const names = [0, 1, 2, 3].flatMap((i) => [`blocks.${i}.norm.mean`, `blocks.${i}.norm.variance`]);
  expect(Object.keys(moments).sort()).toEqual(names);
});
