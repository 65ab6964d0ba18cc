import { describe, test } from "vitest";
import { alignment } from "../../lib/losses/alignment";
import { tf } from "../../lib/tf/tensorflow";
import { expectAgreement, normals } from "./agreement";
import * as naive from "./naive";

describe("alignment", () => {
  test("equals its naive twin and the twin's differences", () => {
    const goal = normals("target", 12);
    const target = tf.tensor2d(goal, [4, 3]);
    expectAgreement({
      shape: [4, 3],
      values: normals("prediction", 12),
      loss: (x) => alignment(x as tf.Tensor2D, target),
      twin: (x) => {
        const losses = naive.alignments(naive.rowsOf(x, 3), naive.rowsOf(goal, 3));
        return losses.reduce((total, loss) => total + loss, 0) / losses.length;
      },
    });
  });
});
