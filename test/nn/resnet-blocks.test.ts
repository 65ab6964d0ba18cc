import { describe, expect, test } from "vitest";
import { type Random, random } from "../../lib/core/random";
import { convolutionsOf, initialResNet, type ResNet } from "../../lib/nn/networks/resnet";
import { isStatistic } from "../../lib/nn/pass";
import { bytesOf } from "../bytes-of";
import { expectClose } from "../losses/agreement";

const architecture: ResNet = { kind: "resnet", depth: 18, embedding: 128 };

describe("the parameters of a ResNet", () => {
  const convolution = (side: number, input: number, output: number): number => side * side * input * output;
  const norm = (channels: number): number => 4 * channels;

  /** Counted by hand: [1x1 down, 3x3, 1x1 up] with their normalisations, running statistics included. */
  const bottleneck = (input: number, inner: number, output: number, hasShortcut: boolean): number =>
    convolution(1, input, inner) +
    norm(inner) +
    convolution(3, inner, inner) +
    norm(inner) +
    convolution(1, inner, output) +
    norm(output) +
    (hasShortcut ? convolution(1, input, output) + norm(output) : 0);

  const basic = (input: number, output: number, hasShortcut: boolean): number =>
    convolution(3, input, output) +
    convolution(3, output, output) +
    2 * norm(output) +
    (hasShortcut ? convolution(1, input, output) + norm(output) : 0);

  const stem = convolution(7, 3, 64) + norm(64);
  const still: Random = { ...random(1), uniform: () => 0 };
  const sizes = (depth: ResNet["depth"], embedding = 128): number =>
    Object.values(initialResNet({ kind: "resnet", depth, embedding }, still)).reduce(
      (total, { data }) => total + data.length,
      0,
    );

  test("of 50 layers are those of stages of 3, 4, 6 and 3 bottlenecks, the last of which has 128 outputs", () => {
    const stages =
      bottleneck(64, 64, 256, true) +
      2 * bottleneck(256, 64, 256, false) +
      bottleneck(256, 128, 512, true) +
      3 * bottleneck(512, 128, 512, false) +
      bottleneck(512, 256, 1024, true) +
      5 * bottleneck(1024, 256, 1024, false) +
      bottleneck(1024, 512, 2048, true) +
      bottleneck(2048, 512, 2048, false) +
      bottleneck(2048, 512, 128, true);
    expect(sizes(50)).toBe(stem + stages);
  });

  test("of 18 layers are those of four stages of two blocks, the last of which has 128 channels", () => {
    const stages =
      2 * basic(64, 64, false) +
      basic(64, 128, true) +
      basic(128, 128, false) +
      basic(128, 256, true) +
      basic(256, 256, false) +
      basic(256, 512, true) +
      basic(512, 128, true);
    expect(sizes(18)).toBe(stem + stages);
  });

  test("of the usual width are the 11,176,512 and 23,508,032 of torchvision without their last layer", () => {
    const withoutStatistics = (depth: 18 | 50, embedding: number): number =>
      Object.entries(initialResNet({ kind: "resnet", depth, embedding }, still))
        .filter(([name]) => !isStatistic(name))
        .reduce((total, [, { data }]) => total + data.length, 0);
    expect(withoutStatistics(18, 512)).toBe(11_689_512 - 513_000);
    expect(withoutStatistics(50, 2048)).toBe(25_557_032 - 2_049_000);
  });

  test("of other depths and widths are torchvision's without their last layer: ResNet-34, -101 and wide ResNet-50-2", () => {
    const count = (change: Omit<ResNet, "kind">): number =>
      convolutionsOf({ kind: "resnet", ...change }).reduce(
        (total, { window, input, output }) => total + convolution(window, input, output) + 2 * output,
        0,
      );
    expect(count({ depth: 34, embedding: 512 })).toBe(21_797_672 - 513_000);
    expect(count({ depth: 101, embedding: 2048 })).toBe(44_549_160 - 2_049_000);
    expect(count({ depth: 50, embedding: 2048, wide: 2 })).toBe(68_883_240 - 2_049_000);
  });

  test("of a ResNet-101 lie in 104 convolutions, one more where the last block's embedding is not its input", () => {
    const names = (embedding: number): readonly string[] =>
      Object.keys(initialResNet({ kind: "resnet", depth: 101, width: 4, embedding }, still));
    const convolutions = (embedding: number): number =>
      names(embedding).filter((name) => /convolution\d?$/.test(name)).length;
    expect([convolutions(128), convolutions(64)]).toEqual([104, 105]);
  });

  test("of width 32 with the small stem are those of stages of 32, 64, 128 and 256 channels", () => {
    const withStatistics = Object.values(
      initialResNet({ kind: "resnet", depth: 18, embedding: 40, width: 32, stem: "small" }, still),
    ).map(({ data }) => data.length);
    const stages =
      2 * basic(32, 32, false) +
      basic(32, 64, true) +
      basic(64, 64, false) +
      basic(64, 128, true) +
      basic(128, 128, false) +
      basic(128, 256, true) +
      basic(256, 40, true);
    expect(withStatistics.reduce((total, size) => total + size, 0)).toBe(convolution(3, 3, 32) + norm(32) + stages);
  });

  test("begin within PyTorch's bounds and fill them, the same for the same seed", () => {
    const weights = initialResNet(architecture, random(2));
    const filter = Array.from(weights["stages.1.blocks.0.convolution1"]?.data ?? []);
    const bound = 1 / Math.sqrt(9 * 64);
    expect(Math.max(...filter.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect(Math.max(...filter)).toBeGreaterThan(0.99 * bound);
    expectClose(filter.reduce((sum, value) => sum + value ** 2, 0) / filter.length / (bound ** 2 / 3), 1, 0.02);
    expect(bytesOf(initialResNet(architecture, random(2)))).toBe(bytesOf(weights));
    expect(bytesOf(initialResNet(architecture, random(3)))).not.toBe(bytesOf(weights));
  });
});

test("sizes that are not positive integers are refused, and what has no bottleneck is not widened", () => {
  const refused = (change: Partial<ResNet>) => () => initialResNet({ ...architecture, ...change }, random(1));
  expect(refused({ embedding: 0 })).toThrow(/embedding: .* at least 1, got 0/);
  expect(refused({ width: 6.5 })).toThrow(/width: .* at least 1, got 6\.5/);
  expect(refused({ depth: 50, wide: -2 })).toThrow(/wide: .* at least 1, got -2/);
  expect(refused({ wide: 2 })).toThrow(/ResNet-18.* no bottlenecks: expected 1, got 2/);
  expect(refused({ depth: 20 as 18 })).toThrow(/depth: .*18, 34, 50, 101, got 20/);
});
