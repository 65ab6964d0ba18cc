import { describe, expect, test } from "vitest";
import type { NamedArray, NamedArrays } from "../../../lib/core/named-arrays";
import { random } from "../../../lib/core/random";
import { initialDepthwise, initialNorm } from "../../../lib/nn/initial";
import {
  type InvertedResidual,
  initialMobileNet,
  invertedResidual,
  invertedResiduals,
  type MobileNet,
  mobilenet,
} from "../../../lib/nn/networks/mobilenet";
import { parameterCount } from "../../../lib/nn/networks/operations";
import { evaluation } from "../../../lib/nn/pass";
import { toTensors } from "../../../lib/nn/weights";
import { tf } from "../../../lib/tf/tensorflow";
import { bytesOf } from "../../bytes-of";
import { expectClose, normals } from "../../losses/agreement";
import { goldenWeights, readGolden } from "../golden-weights";
import { trained, uncaptured } from "../train-network";

interface GoldenBlock extends Omit<InvertedResidual, "name"> {
  readonly side: number;
  readonly batch: number;
  readonly x: readonly number[];
  readonly shape: readonly number[];
  readonly y: readonly number[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/** Zeros in the shapes of a block's weights. */
function blockShapes({ input, inner, output }: GoldenBlock): NamedArrays {
  const zeros = (...shape: number[]): NamedArray => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  const expand =
    inner === input ? {} : { "expand.convolution": zeros(1, 1, input, inner), ...initialNorm("expand.norm", inner) };
  return {
    ...expand,
    "depthwise.convolution": zeros(3, 3, inner, 1),
    ...initialNorm("depthwise.norm", inner),
    "project.convolution": zeros(1, 1, inner, output),
    ...initialNorm("project.norm", output),
  };
}

describe("an inverted residual", () => {
  const blocks = readGolden<readonly GoldenBlock[]>("inverted-residual");
  test.each(blocks)("equals PyTorch's: $input to $inner to $output channels, stride $stride, side $side", (golden) => {
    const weights = goldenWeights(blockShapes(golden), golden.weights);
    const named = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [`block.${name}`, tensor]));
    const { batch, side, input } = golden;
    const x = tf.tensor4d([...golden.x], [batch, side, side, input]);
    const y = tf.tidy(() => invertedResidual({ ...golden, name: "block" }, evaluation(named), x));
    expect(y.shape).toEqual(golden.shape);
    y.dataSync().forEach((value, i) => {
      expectClose(value, golden.y[i] ?? Number.NaN, 1e-5);
    });
    tf.dispose([weights, x, y]);
  });
});

describe("a MobileNet", () => {
  const usual: MobileNet = { kind: "mobilenet", width: 1, embedding: 1280 };
  const small: MobileNet = { kind: "mobilenet", width: 0.35, embedding: 16, stem: "small" };

  test("of width 1 has the 2,223,872 parameters of torchvision's before its classifier, in 52 convolutions", () => {
    const weights = initialMobileNet(usual, random(1));
    expect(parameterCount(usual)).toBe(3_504_872 - 1281 * 1000);
    expect(Object.keys(weights).filter((name) => name.endsWith(".convolution"))).toHaveLength(52);
  });

  test("has the paper's channels and strides in 17 blocks, fewer strides with the small stem", () => {
    const blocks = invertedResiduals(usual);
    expect(blocks.map(({ output }) => output)).toEqual([
      16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320,
    ]);
    const strides = (stem?: "small"): number[] =>
      invertedResiduals({ ...usual, ...(stem && { stem }) }).flatMap(({ stride }, i) => (stride === 2 ? [i] : []));
    expect(strides()).toEqual([1, 3, 6, 13]);
    expect(strides("small")).toEqual([3, 6, 13]);
  });

  test("rounds its channels to multiples of 8, never down by more than a tenth", () => {
    for (const width of [0.1, 0.35, 0.5, 0.75, 1.3, 1.4]) {
      const scaled = invertedResiduals({ ...usual, width });
      invertedResiduals(usual).forEach(({ output }, i) => {
        const channels = scaled[i]?.output ?? 0;
        expect(channels % 8).toBe(0);
        expect(channels).toBeGreaterThanOrEqual(Math.max(8, 0.9 * output * width));
        expect(channels).toBeLessThanOrEqual(Math.max(8, output * width + 8));
      });
    }
    // 24 x .35 = 8.4 and 96 x .35 = 33.6 stay close; 16 x 1.3 = 20.8 goes up to 24, for 16 is less than nine tenths of it.
    expect(invertedResiduals({ ...usual, width: 0.35 }).map(({ output }) => output)).toContain(32);
    expect(invertedResiduals({ ...usual, width: 1.3 })[0]?.output).toBe(24);
  });

  test("begins with depthwise weights that fill PyTorch's bound of a third, the same for the same seed", () => {
    const { shape, data } = initialDepthwise(random(3), 3, 200);
    expect(shape).toEqual([3, 3, 200, 1]);
    expect(Math.max(...data)).toBeGreaterThan(0.99 / 3);
    expect(Math.max(...Array.from(data, Math.abs))).toBeLessThanOrEqual(Math.fround(1 / 3));
    expect(bytesOf(initialMobileNet(small, random(2)))).toBe(bytesOf(initialMobileNet(small, random(2))));
    expect(bytesOf(initialMobileNet(small, random(3)))).not.toBe(bytesOf(initialMobileNet(small, random(2))));
  });

  test("gives non-negative embeddings, each of its own image alone, and frees what it makes", () => {
    const weights = toTensors(initialMobileNet(small, random(4)));
    const both = tf.tensor4d(normals("images", 2 * 32 * 32 * 3), [2, 32, 32, 3]);
    const embed = (input: tf.Tensor4D): number[] =>
      tf.tidy(() => Array.from(mobilenet(small, evaluation(weights), input).dataSync()));
    const before = tf.memory().numTensors;
    const together = embed(both);
    expect(tf.memory().numTensors).toBe(before);
    expect(together).toHaveLength(32);
    expect(Math.min(...together)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...together)).toBeGreaterThan(0);
    const second = tf.tidy(() => embed(both.slice([1, 0, 0, 0], [1, 32, 32, 3])));
    second.forEach((value, i) => {
      expectClose(value, together[16 + i] ?? Number.NaN, 1e-5);
    });
    tf.dispose([weights, both]);
  });

  test("learns eight images by heart in a captured step, which begins as the step run op by op", () => {
    const { losses, notCaptured, left } = trained(small, 16, 8, 0.2);
    expect(notCaptured).toBeNull();
    const eager = uncaptured(small, 16);
    expectClose(losses[0] ?? Number.NaN, eager.losses[0] ?? 0, 1e-5);
    expect([left, eager.left]).toEqual([0, 0]);
    expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
  });

  test("refuses widths and embeddings that are none, repeating them", () => {
    const refused = (change: Partial<MobileNet>) => () => initialMobileNet({ ...usual, ...change }, random(1));
    expect(refused({ width: 0 })).toThrow(/width: .* above 0, got 0/);
    expect(refused({ width: Number.NaN })).toThrow(/width: .* above 0, got NaN/);
    expect(refused({ embedding: 12.5 })).toThrow(/embedding: .* at least 1, got 12\.5/);
  });
});
