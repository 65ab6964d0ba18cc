import { describe, expect, test } from "vitest";
import { contrastive } from "../../lib/losses/contrastive";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, expectClose, normals } from "./agreement";
import golden from "./losses.golden.json";
import * as naive from "./naive";

const dimensions = 3;
const rows = 8;

describe("NT-Xent", () => {
  test("agrees with PyTorch's", () => {
    const views = tf.tensor2d([...golden.z1, ...golden.z2], [(2 * golden.z1.length) / golden.zdim, golden.zdim]);
    expectClose(contrastive(views, { temperature: 0.5 }).dataSync()[0] ?? Number.NaN, golden["ntXent_t0.5"]);
  });

  test.each([0.1, 0.5, 2])("equals its naive twin and the twin's differences at temperature %f", (temperature) => {
    expectAgreement({
      shape: [rows, dimensions],
      values: normals("projections", rows * dimensions),
      loss: (x) => contrastive(x as tf.Tensor2D, { temperature }),
      twin: (x) => naive.contrastive(naive.rowsOf(x, dimensions), temperature),
      tolerance: 2e-5,
    });
  });

  test("does not change when the items are permuted or the two views swapped", () => {
    const views = tf.tensor2d(normals("views", rows * dimensions), [rows, dimensions]);
    const value = contrastive(views, { temperature: 0.2 }).dataSync()[0] ?? Number.NaN;
    for (const order of [
      [2, 0, 3, 1, 6, 4, 7, 5],
      [4, 5, 6, 7, 0, 1, 2, 3],
    ]) {
      const permuted = tf.gather(views, tf.tensor1d(order, "int32")) as tf.Tensor2D;
      expectClose(contrastive(permuted, { temperature: 0.2 }).dataSync()[0] ?? Number.NaN, value);
    }
  });

  test.each([0, -1, Number.NaN])("refuses a temperature of %f", (temperature) => {
    expect(() => contrastive(tf.ones([4, 2]), { temperature })).toThrow(
      new RegExp(`temperature.*above 0.* ${temperature}$`),
    );
  });

  test("refuses an odd number of rows", () => {
    expect(() => contrastive(tf.ones([5, 2]), { temperature: 1 })).toThrow(/rows.*even.* 5$/);
  });
});
