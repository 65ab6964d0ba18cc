import { describe, expect, test } from "vitest";
import { layerNorm } from "../../lib/nn/networks/transformer-blocks";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, normals } from "../losses/agreement";
import { weighted, weightedNumbers } from "./weighted";

const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

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
