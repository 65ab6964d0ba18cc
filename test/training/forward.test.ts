import { expect, test } from "vitest";
import { random } from "../../lib/core/random";
import { affine, initialAffine } from "../../lib/nn/linear";
import { tf } from "../../lib/tf/tensorflow";
import { tensorNamed } from "../../lib/tf/tensors";
import { forward } from "../../lib/training/forward";

test("a network frees a batch of other dimensions than it takes, and maps the next one", () => {
  const before = tf.memory().numTensors;
  const network = forward(initialAffine("map", 3, 2, random(1)), ({ weights }, batch) =>
    affine(weights, "map", tensorNamed(batch, "x")),
  );
  const ones = (columns: number) => ({ x: { shape: [2, columns], data: new Float32Array(2 * columns).fill(1) } });
  const own = tf.memory().numTensors;
  expect(() => network.map(ones(4))).toThrow(/\[2,4\].*\[3,2\]/);
  expect(tf.memory().numTensors).toBe(own);
  expect(network.map(ones(3))).toHaveLength(4);
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
