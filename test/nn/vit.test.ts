import { describe, expect, test } from "vitest";
import { random } from "../../lib/core/random";
import { gelu } from "../../lib/nn/gelu";
import { initialNormal } from "../../lib/nn/initial";
import { layerNorm } from "../../lib/nn/layer-norm";
import { evaluation, isStatistic } from "../../lib/nn/pass";
import { initialVit, type VisionTransformer, vit } from "../../lib/nn/vit";
import { toTensors } from "../../lib/nn/weights";
import { valueAndGradients } from "../../lib/tf/gradients";
import { tf } from "../../lib/tf/tensorflow";
import { bytesOf } from "../bytes-of";
import { expectAgreement, expectClose, normals } from "../losses/agreement";
import { goldenWeights, readGolden } from "./golden-weights";
import { trained, uncaptured } from "./train-network";

const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/** sum(y weight) with fixed weights, so that every value of `y` has a slope of its own. */
function weighted(y: tf.Tensor): tf.Tensor {
  return tf.sum(tf.mul(y, tf.tensor(normals("weights", y.size), y.shape)));
}

function weightedNumbers(values: readonly number[]): number {
  const weights = normals("weights", values.length);
  return sum(values.map((value, i) => value * (weights[i] ?? Number.NaN)));
}

/** The integral of the normal density from 0 by Simpson's rule, and a half. */
function normalDistribution(x: number): number {
  const [steps, density] = [400, (t: number): number => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI)];
  const ordinates = Array.from({ length: steps + 1 }, (_, i) => {
    const factor = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    return factor * density((x * i) / steps);
  });
  return 0.5 + (x / steps / 3) * sum(ordinates);
}

test("gelu equals x times the normal distribution function, in value and slope", () => {
  expectAgreement({
    shape: [2, 4],
    values: [-3, -1, -0.2, 0, 0.3, 1.1, 2, 4],
    loss: (x) => weighted(gelu(x)),
    twin: (x) => weightedNumbers(Array.from(x, (value) => value * normalDistribution(value))),
  });
});

describe("layerNorm", () => {
  const [rows, features] = [3, 5] as const;
  const weights = {
    "a.scale": tf.tensor1d(normals("scale", features)),
    "a.offset": tf.tensor1d(normals("offset", features)),
  };
  const naive = (x: ArrayLike<number>, scale: ArrayLike<number>, offset: ArrayLike<number>): number[] =>
    Array.from({ length: rows }, (_, row) => Array.from(x).slice(row * features, (row + 1) * features)).flatMap(
      (values) => {
        const mean = sum(values) / features;
        const variance = sum(values.map((value) => (value - mean) ** 2)) / features;
        return values.map(
          (value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * (scale[i] ?? 0) + (offset[i] ?? 0),
        );
      },
    );
  const input = normals("rows", rows * features, 3);
  const [scale, offset] = [normals("scale", features), normals("offset", features)];

  test("equals its naive twin in value and slope", () => {
    expectAgreement({
      shape: [rows, features],
      values: input,
      loss: (x) => weighted(layerNorm(weights, "a", x as tf.Tensor2D)),
      twin: (x) => weightedNumbers(naive(x, scale, offset)),
      tolerance: 2e-5,
    });
  });

  test("has its naive twin's slopes by scale and offset", () => {
    for (const part of ["scale", "offset"]) {
      expectAgreement({
        shape: [features],
        values: part === "scale" ? scale : offset,
        loss: (moved) => {
          const x = tf.tensor2d(input, [rows, features]);
          return tf.tidy(() => weighted(layerNorm({ ...weights, [`a.${part}`]: moved }, "a", x)));
        },
        twin: (moved) => weightedNumbers(part === "scale" ? naive(input, moved, offset) : naive(input, scale, moved)),
        tolerance: 2e-5,
      });
    }
  });

  test("of a constant row is the offset", () => {
    const y = layerNorm(weights, "a", tf.fill([1, features], 7) as tf.Tensor2D);
    expect(Array.from(y.dataSync())).toEqual(Array.from(offset));
  });
});

describe("a vision transformer", () => {
  const golden = readGolden<{
    readonly architecture: VisionTransformer;
    readonly batch: number;
    readonly images: readonly number[];
    readonly weights: Readonly<Record<string, readonly number[]>>;
    readonly embeddings: readonly number[];
    readonly slopes: readonly number[];
    readonly gradients: Readonly<Record<string, readonly number[]>>;
  }>("vit");
  const { architecture, batch } = golden;
  const { side, embedding } = architecture;

  test("equals one of PyTorch with nn.MultiheadAttention, and so do its gradients by every weight", () => {
    const before = tf.memory().numTensors;
    const weights = goldenWeights(initialVit(architecture, random(1)), golden.weights);
    const images = tf.tensor4d([...golden.images], [batch, side, side, 3]);
    const y = tf.tidy(() => vit(architecture, evaluation(weights), images));
    y.dataSync().forEach((value, i) => {
      expectClose(value, golden.embeddings[i] ?? Number.NaN, 1e-5);
    });
    const slopes = tf.tensor2d([...golden.slopes], [batch, embedding]);
    const { value, gradients } = valueAndGradients(weights, () =>
      tf.sum<tf.Scalar>(tf.mul(vit(architecture, evaluation(weights), images), slopes)),
    );
    for (const [name, gradient] of Object.entries(gradients)) {
      const expected = golden.gradients[name] ?? [];
      const largest = Math.max(1, ...expected.map(Math.abs));
      gradient.dataSync().forEach((number, i) => {
        expectClose(number / largest, (expected[i] ?? Number.NaN) / largest, 1e-5);
      });
    }
    tf.dispose([{ ...weights }, images, y, slopes, value, { ...gradients }]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("does not mind the order of patches whose positions move along", () => {
    const weights = toTensors(initialVit(architecture, random(2)));
    const images = tf.tensor4d(normals("images", side * side * 3), [1, side, side, 3]);
    const turned = tf.tidy(() => {
      const { patch, width } = architecture;
      const across = side / patch;
      const rows = weights.positions?.reshape([across, across, width]) ?? images;
      const positions = tf.reverse(rows, 0).reshape([-1, width]);
      const bands = images.reshape([across, patch * side * 3]);
      const upset = tf.reverse(bands, 0).reshape<tf.Tensor4D>([1, side, side, 3]);
      return vit(architecture, evaluation({ ...weights, positions }), upset);
    });
    const straight = tf.tidy(() => vit(architecture, evaluation(weights), images));
    turned.dataSync().forEach((value, i) => {
      expectClose(value, straight.dataSync()[i] ?? Number.NaN, 1e-5);
    });
    tf.dispose([{ ...weights }, images, turned, straight]);
  });

  test("learns eight images by heart in a captured step, which begins as the step run op by op", () => {
    const small: VisionTransformer = { ...architecture, side: 8, width: 16, depth: 1 };
    const { losses, notCaptured, left } = trained(small, 8, 15, 0.1);
    expect(notCaptured).toBeNull();
    const eager = uncaptured(small, 8);
    expectClose(losses[0] ?? Number.NaN, eager.losses[0] ?? 0, 1e-5);
    expect([left, eager.left]).toEqual([0, 0]);
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
  });

  test("begins within Xavier's bounds and fills them, biases 0, scales 1, no name a statistic's", () => {
    const weights = initialVit({ ...architecture, width: 32 }, random(3));
    const hidden = Array.from(weights["blocks.1.expand.linear"]?.data ?? [], Math.abs);
    const bound = Math.sqrt(6 / (32 + 128));
    expect(Math.max(...hidden)).toBeLessThanOrEqual(Math.fround(bound));
    expect(Math.max(...hidden)).toBeGreaterThan(0.99 * bound);
    for (const [name, { data }] of Object.entries(weights)) {
      expect(isStatistic(name)).toBe(false);
      if (/\.(bias|offset)$/.test(name)) expect(data.every((value) => value === 0)).toBe(true);
      if (name.endsWith(".scale")) expect(data.every((value) => value === 1)).toBe(true);
    }
    expect(bytesOf(initialVit(architecture, random(4)))).toBe(bytesOf(initialVit(architecture, random(4))));
    expect(bytesOf(initialVit(architecture, random(4)))).not.toBe(bytesOf(initialVit(architecture, random(5))));
  });

  test("begins with positions of a normal distribution cut at two deviations", () => {
    const { data } = initialNormal(random(6), [100, 100], 0.02);
    expect(Math.max(...Array.from(data, Math.abs))).toBeLessThanOrEqual(Math.fround(0.04));
    expectClose((sum(data) / data.length) * 50, 0, 0.03);
    // The deviation of a standard normal within two deviations.
    expectClose(Math.sqrt(sum(data.map((value) => value ** 2)) / data.length) / 0.02, 0.8796, 0.02);
  });

  test("refuses sizes that do not divide or are none, and images of another side", () => {
    const refused = (change: Partial<VisionTransformer>) => () => initialVit({ ...architecture, ...change }, random(1));
    expect(refused({ side: 7 })).toThrow("a multiple of its patch 2, got 7");
    expect(refused({ heads: 3 })).toThrow("a multiple of its 3 heads, got 8");
    expect(refused({ depth: 0 })).toThrow("depth is a positive integer, got 0");
    expect(refused({ embedding: 1.5 })).toThrow("embedding is a positive integer, got 1.5");
    const weights = toTensors(initialVit(architecture, random(1)));
    const images = tf.zeros<tf.Rank.R4>([1, 8, 6, 3]);
    expect(() => vit(architecture, evaluation(weights), images)).toThrow("images of 6 x 6, got 8 x 6");
    tf.dispose([{ ...weights }, images]);
  });
});
