import { describe, expect, test } from "vitest";
import { random } from "../../../lib/core/random";
import { initialNormal } from "../../../lib/nn/initial";
import { initialVit, type VisionTransformer, vit } from "../../../lib/nn/networks/vit";
import { evaluation, isStatistic } from "../../../lib/nn/pass";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { valueAndGradients } from "../../../lib/tf/tensors";
import { bytesOf } from "../../bytes-of";
import { expectClose, normals } from "../../losses/agreement";
import { goldenWeights, readGolden } from "../golden-weights";
import { trained, uncaptured } from "../train-network";

const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

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

  test("refuses sizes that do not divide or are not positive integers, and images of another side", () => {
    const refused = (change: Partial<VisionTransformer>) => () => initialVit({ ...architecture, ...change }, random(1));
    expect(refused({ side: 7 })).toThrow(/a multiple of its patch 2, got 7/);
    expect(refused({ heads: 3 })).toThrow(/a multiple of its 3 heads, got 8/);
    expect(refused({ depth: 0 })).toThrow(/depth: .* at least 1, got 0/);
    expect(refused({ embedding: 1.5 })).toThrow(/embedding: .* at least 1, got 1\.5/);
    const weights = toTensors(initialVit(architecture, random(1)));
    const images = tf.zeros<tf.Rank.R4>([1, 8, 6, 3]);
    expect(() => vit(architecture, evaluation(weights), images)).toThrow(/6 x 6, got 8 x 6/);
    tf.dispose([{ ...weights }, images]);
  });
});
