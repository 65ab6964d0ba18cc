import { describe, expect, test } from "vitest";
import { contrastive, supervisedContrastive } from "../../lib/losses/contrastive";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "./agreement";
import * as naive from "./naive";

const dimensions = 3;
const labels = [2, 0, 2, 1];
const rows = 2 * labels.length;
const classes = tf.tensor1d(labels, "int32");
const views = tf.tensor2d(normals("views", rows * dimensions), [rows, dimensions]);
const scalarOf = (loss: tf.Tensor): number => loss.dataSync()[0] ?? Number.NaN;

describe("SupCon", () => {
  test.each([0.1, 0.5, 2])("equals its naive twin and the twin's differences at temperature %f", (temperature) => {
    expectAgreement({
      shape: [rows, dimensions],
      values: normals("projections", rows * dimensions),
      loss: (x) => supervisedContrastive(x as tf.Tensor2D, classes, { temperature }),
      twin: (x) => naive.supervisedContrastive(naive.rowsOf(x, dimensions), labels, temperature),
      tolerance: 2e-5,
    });
  });

  test("is NT-Xent if every item has a class of its own", () => {
    const own = tf.tensor1d([3, 1, 0, 2], "int32");
    const temperature = 0.3;
    expectClose(
      scalarOf(supervisedContrastive(views, own, { temperature })),
      scalarOf(contrastive(views, { temperature })),
    );
  });

  test("does not depend on the classes' numbers or the items' order", () => {
    const value = scalarOf(supervisedContrastive(views, classes, { temperature: 0.2 }));
    const renamed = tf.tensor1d([5, 9, 5, 7], "int32");
    expect(scalarOf(supervisedContrastive(views, renamed, { temperature: 0.2 }))).toBe(value);
    const permuted = tf.gather(views, tf.tensor1d([1, 0, 3, 2, 5, 4, 7, 6], "int32")) as tf.Tensor2D;
    const swapped = tf.tensor1d([0, 2, 1, 2], "int32");
    expectClose(scalarOf(supervisedContrastive(permuted, swapped, { temperature: 0.2 })), value);
  });

  test("refuses an odd number of rows and a temperature of 0", () => {
    expect(() => supervisedContrastive(tf.ones([5, 2]), classes, { temperature: 1 })).toThrow(/rows.*even.* 5$/);
    expect(() => supervisedContrastive(views, classes, { temperature: 0 })).toThrow(/temperature.*above 0.* 0$/);
  });
});
