import { expect, test } from "vitest";
import { fromStart, rate } from "../../lib/bench/workloads/resnet-step";
import { optimizer } from "../../lib/optim/optimizer";
import { tf } from "../../lib/tf/tensorflow";
import { tensorNamed } from "../../lib/tf/tensors";
import type { Loss } from "../../lib/training/loop/training-step";

const started = (loss: Loss) =>
  fromStart(
    { w: { shape: [2], data: Float32Array.of(1, 2) } },
    loss,
    optimizer({ kind: "sgd", momentum: 0, weightDecay: 0 }),
    "float32",
  );

test("a step that is timed is captured; one that is not is refused with the reason", () => {
  const squares: Loss = ({ weights }) => tf.sum(tf.square(tensorNamed(weights, "w")));
  const running = started(squares);
  expect([0, 1].map(() => running.advance({ learningRate: rate(0.25) }))).toEqual([5, 1.25]);
  running.dispose();
  const reading = started((pass, ...inputs) => {
    const loss = squares(pass, ...inputs);
    return tf.mul<tf.Scalar>(loss, loss.dataSync()[0] ?? 0);
  });
  expect(() => reading.advance({ learningRate: rate(0.25) })).toThrow(
    /not captured: a value is read: the result of Sum/,
  );
  reading.dispose();
});
