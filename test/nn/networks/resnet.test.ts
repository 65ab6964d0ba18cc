import { describe, expect, test } from "vitest";
import { random } from "../../../lib/core/random";
import { initialResNet, type ResNet, resnet } from "../../../lib/nn/networks/resnet";
import { evaluation } from "../../../lib/nn/pass";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { expectClose, normals } from "../../losses/agreement";
import { naiveConvolve } from "../naive-convolution";
import { trained, uncaptured } from "../train-network";

test("a ResNet-50 gives non-negative embeddings, each of its own image alone in evaluation mode", () => {
  const deep: ResNet = { kind: "resnet", depth: 50, embedding: 8 };
  const weights = toTensors(initialResNet(deep, random(4)));
  const both = tf.tensor4d(normals("images", 2 * 32 * 32 * 3), [2, 32, 32, 3]);
  const embed = (input: tf.Tensor4D): number[] =>
    tf.tidy(() => Array.from(resnet(deep, evaluation(weights), input).dataSync()));
  const before = tf.memory().numTensors;
  const together = embed(both);
  expect(tf.memory().numTensors).toBe(before);
  const second = tf.tidy(() => embed(both.slice([1, 0, 0, 0], [1, 32, 32, 3])));
  expect(together).toHaveLength(16);
  expect(Math.min(...together)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...together)).toBeGreaterThan(0);
  second.forEach((value, i) => {
    expectClose(value, together[8 + i] ?? Number.NaN, 1e-5);
  });
  tf.dispose([weights, both]);
});

const narrow = (embedding: number): ResNet => ({ kind: "resnet", depth: 18, embedding, width: 32, stem: "small" });

describe("a narrow ResNet with the small stem", () => {
  test("convolves by 3x3 with stride 2 and does not pool: with silent main paths a pixel of the stem is left", () => {
    const architecture: ResNet = { kind: "resnet", depth: 18, embedding: 4, width: 4, stem: "small" };
    const weights = initialResNet(architecture, random(5));
    const filter = weights["stem.convolution"] ?? { shape: [], data: new Float32Array() };
    const image = { shape: [1, 8, 8, 3], data: normals("image", 8 * 8 * 3) };
    // The main paths give zeros; the first stage then passes the stem on, which is all of the network that is left here.
    const silent = Object.entries(weights).map(([name, { shape, data }]) => {
      const own = /^stages\.[1-3]\.blocks\.\d\.shortcut\.convolution$/.test(name);
      const cleared = /norm\d\.scale$/.test(name) ? data.map(() => 0) : data;
      return [name, { shape, data: own ? everyOther(shape) : cleared }] as const;
    });
    const tensors = toTensors(Object.fromEntries(silent));
    const x = tf.tensor4d(image.data, [1, 8, 8, 3]);
    const ours = tf.tidy(() => resnet(architecture, evaluation(tensors), x).dataSync());
    // The shortcuts take every second pixel of both directions, three times: of the stem's 4 x 4 pixels the first is left.
    const stem = naiveConvolve(image, filter, 2).slice(0, 4);
    ours.forEach((value, c) => {
      expectClose(value, Math.max(0, stem[c] ?? Number.NaN), 1e-4);
    });
    tf.dispose([{ ...tensors }, x]);
  });

  /** A 1x1 convolution that passes the first channels on. */
  function everyOther(shape: readonly number[]): Float32Array {
    const [, , input = 0, output = 0] = shape;
    return Float32Array.from({ length: input * output }, (_, i) => (Math.floor(i / output) === i % output ? 1 : 0));
  }

  test.each([32, 512])("learns eight images by heart in a captured step, embedding %i", (embedding) => {
    const { losses, notCaptured, left } = trained(narrow(embedding), 16, 6, 0.02);
    expect(notCaptured).toBeNull();
    const eager = uncaptured(narrow(embedding), 16);
    expectClose(losses[0] ?? Number.NaN, eager.losses[0] ?? 0, 1e-5);
    expect([left, eager.left]).toEqual([0, 0]);
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
  });
});
