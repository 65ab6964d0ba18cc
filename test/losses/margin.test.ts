import { describe, expect, test } from "vitest";
import { crossEntropy } from "../../lib/losses/cross-entropy";
import { type MarginRecipe, marginLogits } from "../../lib/losses/margin";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "./agreement";
import golden from "./losses.golden.json";
import * as naive from "./naive";

const arcFace: MarginRecipe = { kind: "arcface", scale: 16, margin: 0.5 };
const cosFace: MarginRecipe = { kind: "cosface", scale: 16, margin: 0.35 };
const { dim, classes, labels, weights } = golden;
const targets = tf.tensor1d(labels, "int32");
const classifier = tf.transpose(tf.tensor2d(weights, [classes, dim]));

describe.each([
  { recipe: arcFace, expected: golden["arcface_s16_m0.5"] },
  { recipe: cosFace, expected: golden["cosface_s16_m0.35"] },
])("$recipe.kind", ({ recipe, expected }) => {
  const loss = (embedding: tf.Tensor, columns: tf.Tensor): tf.Tensor =>
    crossEntropy(marginLogits(embedding as tf.Tensor2D, columns as tf.Tensor2D, targets, recipe), targets);
  const twin = (embedding: ArrayLike<number>, rows: ArrayLike<number>): number => {
    const logits = naive.marginLogits(naive.rowsOf(embedding, dim), naive.rowsOf(rows, dim), labels, recipe);
    return naive.crossEntropy(logits, labels, 0);
  };

  test("agrees with PyTorch's", () => {
    const value = loss(tf.tensor2d(golden.embeddings, [labels.length, dim]), classifier);
    expectClose(value.dataSync()[0] ?? Number.NaN, expected);
  });

  test("equals its naive twin and the twin's differences, by the embedding", () => {
    expectAgreement({
      shape: [labels.length, dim],
      values: normals("embedding", labels.length * dim),
      loss: (x) => loss(x, classifier),
      twin: (x) => twin(x, weights),
    });
  });

  test("equals its naive twin and the twin's differences, by the class weights", () => {
    const embedding = tf.tensor2d(golden.embeddings, [labels.length, dim]);
    expectAgreement({
      shape: [classes, dim],
      values: normals("classes", classes * dim),
      loss: (x) => loss(embedding, tf.transpose(x)),
      twin: (x) => twin(golden.embeddings, x),
    });
  });

  test("does not change with the length of embeddings and class weights", () => {
    const embedding = tf.tensor2d(golden.embeddings, [labels.length, dim]);
    const stretched = loss(tf.mul(embedding, 40), tf.mul(classifier, 0.01)).dataSync()[0] ?? Number.NaN;
    expectClose(stretched, expected, 1e-4);
  });

  test("has finite gradients if an embedding lies on its class weight, opposite to it, or at zero", () => {
    const one = tf.tensor1d([0], "int32");
    const columns = tf.tensor2d([
      [1, 0],
      [0, 1],
    ]);
    for (const row of [
      [1, 0],
      [-1, 0],
      [0, 0],
    ]) {
      const gradient = tf.grad((x) => tf.sum(marginLogits(x as tf.Tensor2D, columns, one, recipe)))(tf.tensor2d([row]));
      expect(Array.from(gradient.dataSync()).every(Number.isFinite)).toBe(true);
    }
  });
});

describe("a margin", () => {
  test.each([
    [{ ...arcFace, scale: 0 }, /scale.*above 0.* 0$/],
    [{ ...arcFace, margin: 4 }, /arcface margin.*\[0, 3\.14.* 4$/],
    [{ ...cosFace, margin: -1 }, /cosface margin.*\[0, 2\).* -1$/],
  ])("is refused out of range: %o", (recipe, message) => {
    expect(() => marginLogits(tf.ones([6, 5]), tf.ones([5, 7]), targets, recipe)).toThrow(message);
  });
});
