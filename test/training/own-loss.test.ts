import { beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "../../lib/core/hash";
import { loadDataset } from "../../lib/data/load-dataset";
import type { Dataset } from "../../lib/data/splits/dataset";
import { crossEntropy } from "../../lib/losses/cross-entropy";
import { triplet } from "../../lib/losses/triplet";
import { tf } from "../../lib/tf/tensorflow";
import { type BackboneRecipe, trainBackbone } from "../../lib/training/backbone";
import { type BackboneLoss, lossKind } from "../../lib/training/backbone-loss";
import { ownLoss, ownLossValue, requireOwnLoss } from "../../lib/training/own-loss";
import { bytesOf } from "../bytes-of";
import { toyBackbone, toyContext, toyShapes } from "./shapes-toy";

let dataset: Dataset;
beforeAll(async () => {
  dataset = await loadDataset(toyShapes);
});

async function trained(loss: BackboneLoss | undefined) {
  const recipe: BackboneRecipe = { ...toyBackbone, ...(loss && { loss }) };
  const before = tf.memory().numTensors;
  const context = toyContext();
  const fitted = await trainBackbone(recipe, dataset, context);
  expect(tf.memory().numTensors).toBe(before);
  expect(context.reasons).toEqual([]);
  return fitted;
}

const softmaxOfOwn = ownLoss({
  name: "softmax of my own",
  version: 1,
  loss: ({ logits, labels, smoothing }) => crossEntropy(logits, labels, { smoothing }),
});
const focal = ownLoss({
  name: "focal",
  version: 1,
  settings: { gamma: 2 },
  classifier: "cosine",
  loss: ({ logits, labels }, { gamma }) => {
    const right = tf.oneHot(labels, logits.shape[1], 1, 0, "float32");
    const probability = tf.sum(tf.mul(tf.softmax(logits), right), 1);
    return tf.mean(tf.neg(tf.mul(tf.pow(tf.sub(1, probability), gamma), tf.log(tf.add(probability, 1e-7)))));
  },
});
const metric = ownLoss({
  name: "my triplets",
  version: 3,
  classifier: "none",
  perClass: 4,
  loss: ({ embedding, labels }) => triplet(embedding, labels, { margin: 0.3 }),
});

describe("a backbone with an own loss", () => {
  test.each([focal, metric])("learns as a captured graph: $name", async (loss) => {
    const { losses, weights } = await trained(loss);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    expect("classifier" in weights).toBe(loss.classifier !== "none");
  });

  test("with the library's own formula trains to the same bytes: the loss draws no random number", async () => {
    const [own, usual] = [await trained(softmaxOfOwn), await trained(undefined)];
    expect(bytesOf(own.weights)).toBe(bytesOf(usual.weights));
  });

  test("is stored, named and read as its options say", () => {
    expect(lossKind({ loss: focal })).toMatchObject({ name: "focal", unit: true });
    expect(lossKind({ loss: metric })).toMatchObject({ name: "my triplets", unit: true, perClass: 4, logits: null });
    expect(lossKind({ loss: softmaxOfOwn })).toMatchObject({ unit: false });
  });
});

describe("the value of an own loss", () => {
  const named = { name: "a", version: 1, classifier: "none" } as const;
  const make = (text: string) => ownLoss({ ...named, loss: new Function("batch", text) as () => tf.Scalar });

  test("is plain data, which changes with its name, version, settings and text, but not with white space", () => {
    const first = make("return batch");
    const loss = requireOwnLoss(first) as () => tf.Scalar;
    const values = [
      first,
      make("return batch.embedding"),
      ownLoss({ ...named, version: 2, loss }),
      ownLoss({ ...named, name: "b", loss }),
      ownLoss({ ...named, settings: { margin: 1 }, loss }),
      ownLoss({ ...named, unit: false, loss }),
    ];
    expect(new Set(values.map((value) => canonicalJson(value))).size).toBe(values.length);
    expect(canonicalJson(make("return   batch\n"))).toBe(canonicalJson(make("return batch\n")));
  });

  test("is found by that data alone, and refused if the process does not know its function", () => {
    const own = make("return 1");
    expect(requireOwnLoss(JSON.parse(canonicalJson(own)))).toBe(requireOwnLoss(own));
    expect(() => requireOwnLoss({ ...own, version: 9 })).toThrow(
      /the loss a, version 9, is unknown here: call ownLoss/,
    );
  });

  test("must be a scalar tensor", () => {
    const batch = { embedding: tf.zeros([2, 3]) as tf.Tensor2D, labels: tf.tensor1d([0, 1], "int32"), smoothing: 0 };
    expect(() => ownLossValue(make("return batch.embedding"), batch)).toThrow(/loss a: .*tf\.mean.*a tensor of 2 x 3/);
    expect(() => ownLossValue(make("return 3"), batch)).toThrow(/loss a: .*scalar.*got 3/);
    tf.dispose([batch.embedding, batch.labels]);
  });
});

const untyped = ownLoss as unknown as (options: unknown) => unknown;

test.each([
  ["without a name", { version: 1, loss: () => 0 }, /name of an own loss: .*undefined/],
  ["without a version", { name: "a", loss: () => 0 }, /version of the loss a: .*at least 1, got undefined/],
  ["without a function", { name: "a", version: 1 }, /loss of a: expected a function written out/],
  [
    "with a function without a text",
    { name: "a", version: 1, loss: Math.max },
    /loss of a: expected a function written out/,
  ],
  [
    "with an unknown classifier",
    { name: "a", version: 1, classifier: "big", loss: () => 0 },
    /linear, cosine, none, got big/,
  ],
  [
    "with a scale of 0",
    { name: "a", version: 1, classifier: "cosine", scale: 0, loss: () => 0 },
    /scale of the loss a: .*above 0/,
  ],
  [
    "with a scale that its classifier does not use",
    { name: "a", version: 1, scale: 5, loss: () => 0 },
    /scale of the loss a: .* linear, not cosine, got 5/,
  ],
])("an own loss %s is refused", (_, options, message) => {
  expect(() => untyped(options)).toThrow(message);
});
