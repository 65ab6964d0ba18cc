import { beforeAll, describe, expect, test } from "vitest";
import { matrix } from "../../lib/core/matrix";
import { arrayNamed, type NamedArrays } from "../../lib/core/named-arrays";
import { random } from "../../lib/core/random";
import { loadDataset } from "../../lib/data/load-dataset";
import type { Dataset, ImageSplit } from "../../lib/data/splits/dataset";
import { compatibility } from "../../lib/losses/compatibility";
import { evaluation } from "../../lib/nn/pass";
import { transformation } from "../../lib/nn/transformation";
import { toTensors } from "../../lib/nn/weights";
import { tf } from "../../lib/tf/tensorflow";
import { trainBackbone } from "../../lib/training/backbone";
import { embedImages, mapEmbeddings, type Views } from "../../lib/training/embed";
import { imageBatches } from "../../lib/training/loop/batches";
import type { Fitted } from "../../lib/training/loop/fit";
import { trainSideInformation } from "../../lib/training/side-information";
import { trainTransformation } from "../../lib/training/transformation";
import { bytesOf } from "../bytes-of";
import { expectClose, normals } from "../losses/agreement";
import {
  type ToyContext,
  toyAutoencoder,
  toyBackbone,
  toyContext,
  toyShapes,
  toySimclr,
  toyTransformation,
} from "./shapes-toy";

const views: Views = { count: 2, augmentation: toyBackbone.augmentation, seed: 3 };
const oldClasses = { fraction: 0.5, shuffle: null } as const;
const embeddings = {
  old: matrix(40, 8, normals("old", 320)),
  side: matrix(40, 8, normals("side", 320)),
  target: matrix(40, 8, normals("target", 320)),
};

let dataset: Dataset;
let old: Fitted;

beforeAll(async () => {
  dataset = await loadDataset(toyShapes);
  old = await trainBackbone({ ...toyBackbone, classes: oldClasses }, dataset, toyContext());
});

type Train = (seed: number, context: ToyContext) => Promise<Fitted>;

const compatibleWith = (weight: number) =>
  ({ kind: "compatible", classifier: old.weights, oldClasses, weight }) as const;

const trainings: readonly (readonly [string, Train])[] = [
  ["a backbone", (seed, context) => trainBackbone({ ...toyBackbone, seed }, dataset, context)],
  [
    "a compatible backbone",
    (seed, context) => trainBackbone({ ...toyBackbone, seed }, dataset, context, compatibleWith(1)),
  ],
  ["SimCLR", (seed, context) => trainSideInformation({ ...toySimclr, seed }, dataset, context)],
  ["an autoencoder", (seed, context) => trainSideInformation({ ...toyAutoencoder, seed }, dataset, context)],
  ["h", (seed, context) => trainTransformation({ ...toyTransformation, seed }, embeddings, context)],
];

describe.each(trainings)("training %s", (_, train) => {
  let first: Fitted;
  beforeAll(async () => {
    first = await train(0, toyContext());
  });

  test("gives the same bytes for the same seed, others for another, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const [again, other] = [await train(0, toyContext()), await train(1, toyContext())];
    expect(bytesOf(again.weights)).toBe(bytesOf(first.weights));
    expect(bytesOf(other.weights)).not.toBe(bytesOf(first.weights));
    expect(again.losses).toEqual(first.losses);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("lowers its loss", () => {
    const { losses } = first;
    expect(losses.at(-1)).toBeLessThan(0.97 * (losses[0] ?? 0));
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  test("leaves no tensor when it is stopped", async () => {
    const before = tf.memory().numTensors;
    await expect(train(0, toyContext({ onReport: (_words, { abort }) => abort() }))).rejects.toThrow("stopped");
    expect(tf.memory().numTensors).toBe(before);
  });
});

test("a backbone learns its classes far beyond chance", async () => {
  const schedule = { learningRate: 0.1, epochs: 12, warmup: 1 };
  const colours = await loadDataset({ ...toyShapes, perClass: 4, labels: "colour" });
  const { weights } = await trainBackbone({ ...toyBackbone, schedule }, colours, toyContext());
  const architecture = { architecture: toyBackbone.architecture, weights };
  const { data, rows } = await embedImages(architecture, colours.test, null, toyContext());
  const guesses = tf.tidy(() =>
    tf.argMax(tf.matMul(tf.tensor2d(data, [rows, 8]), toTensors(weights).classifier as tf.Tensor2D), 1).dataSync(),
  );
  const right = guesses.filter((guess: number, i: number) => guess === colours.test.labels[i]).length;
  expect(right / rows).toBeGreaterThan(0.5);
});

describe("backward-compatible training", () => {
  const schedule = { learningRate: 0.1, epochs: 8, warmup: 1 };

  /** The old classifier's loss on new embeddings of the old classes' test images. */
  async function oldLoss(weights: NamedArrays): Promise<number> {
    const { data, rows } = await embedImages(
      { architecture: toyBackbone.architecture, weights },
      dataset.test,
      null,
      toyContext(),
    );
    const { shape, data: classifier } = arrayNamed(old.weights, "classifier");
    return tf.tidy(() => {
      const labels = tf.tensor1d(dataset.test.labels, "int32");
      const oldClassifier = tf.tensor2d(classifier as Float32Array, shape as [number, number]);
      const mask = tf.cast(tf.less(labels, dataset.test.classNames.length / 2), "float32") as tf.Tensor1D;
      const embedding = tf.tensor2d(data, [rows, 8]);
      const logits = tf.matMul(embedding, oldClassifier) as tf.Tensor2D;
      return compatibility({ logits, labels, mask }).dataSync()[0] ?? Number.NaN;
    });
  }

  test("draws new embeddings towards the old classifier, more so with a larger weight", async () => {
    const recipe = { ...toyBackbone, schedule };
    const losses = [await oldLoss((await trainBackbone(recipe, dataset, toyContext())).weights)];
    for (const weight of [1, 5]) {
      const { weights } = await trainBackbone(recipe, dataset, toyContext(), compatibleWith(weight));
      losses.push(await oldLoss(weights));
    }
    const [independent = 0, once = 0, fivefold = 0] = losses;
    expect(once).toBeLessThan(0.95 * independent);
    expect(fivefold).toBeLessThan(once);
  });

  test("adds weight times the old classifier's loss to the first batch's loss", async () => {
    const first = async (weight: number | null): Promise<number> => {
      const recipe = { ...toyBackbone, batchSize: 1000, schedule: { learningRate: 1e-9, epochs: 1, warmup: 0 } };
      const compatible = weight === null ? null : compatibleWith(weight);
      return (await trainBackbone(recipe, dataset, toyContext(), compatible)).losses[0] ?? Number.NaN;
    };
    const [none, one, three] = [await first(0), await first(1), await first(3)];
    expectClose(three - none, 3 * (one - none), 1e-4);
    expect(one - none).toBeGreaterThan(1);
  });
});

describe("embeddings", () => {
  const networkOf = ({ weights }: Fitted) => ({ architecture: toyBackbone.architecture, weights });

  test("of several views begin with all of the first view, embedded as if it were the only one", async () => {
    const network = networkOf(old);
    const both = await embedImages(network, dataset.train, views, toyContext());
    const count = dataset.train.labels.length;
    expect([both.rows, both.columns]).toEqual([2 * count, 8]);
    const one = await embedImages(network, dataset.train, { ...views, count: 1 }, toyContext());
    expect(Buffer.from(both.data.buffer, 0, one.data.byteLength).equals(Buffer.from(one.data.buffer))).toBe(true);
    const plain = await embedImages(network, dataset.train, null, toyContext());
    expect(plain.data.every((value, i) => value === one.data[i])).toBe(false);
    expect(one.data.every((value, i) => value === both.data[count * 8 + i])).toBe(false);
  });

  test("are made from the same views for every model and for every part of the split", async () => {
    const shown = async (weights: Fitted): Promise<readonly string[]> => {
      const seen: string[] = [];
      const watched: ImageSplit = {
        ...dataset.train,
        load: async (indices, view) => {
          const images = await dataset.train.load(indices, view);
          seen.push(bytesOf({ images: { shape: [images.length], data: images } }));
          return images;
        },
      };
      await embedImages(networkOf(weights), watched, views, toyContext());
      return seen;
    };
    const other = await trainBackbone({ ...toyBackbone, seed: 9 }, dataset, toyContext());
    const seen = await shown(old);
    expect(await shown(other)).toEqual(seen);
    expect(new Set(seen).size).toBe(2);
  });

  test("leave no tensor, also when stopped, and report each batch", async () => {
    const before = tf.memory().numTensors;
    const context = toyContext();
    await embedImages(networkOf(old), dataset.test, null, context);
    expect(context.words).toEqual(["72/72 images"]);
    const stopped = toyContext();
    stopped.abort();
    await expect(embedImages(networkOf(old), dataset.test, null, stopped)).rejects.toThrow("stopped by the test");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("mapped by h equal h of all rows at once, over several pieces, and leave no tensor", async () => {
    const { weights } = await trainTransformation(toyTransformation, embeddings, toyContext());
    const rows = 4099;
    const [left, right] = [matrix(rows, 8, normals("left", rows * 8)), matrix(rows, 8, normals("right", rows * 8))];
    const before = tf.memory().numTensors;
    const { embeddings: mapped } = mapEmbeddings(toyTransformation, weights, { old: left, side: right });
    expect(tf.memory().numTensors).toBe(before);
    const whole = tf.tidy(() =>
      transformation(
        evaluation(toTensors(weights)),
        tf.tensor2d(left.data, [rows, 8]),
        tf.tensor2d(right.data, [rows, 8]),
      ).dataSync(),
    );
    expect([mapped.rows, mapped.columns]).toEqual([rows, 8]);
    let farthest = 0;
    mapped.data.forEach((value, i) => {
      farthest = Math.max(farthest, Math.abs(value - (whole[i] ?? Number.NaN)));
    });
    expect(farthest).toBeLessThan(1e-5);
  });
});

describe("batches of images", () => {
  const recipe = { split: null as unknown as ImageSplit, batchSize: 25, augmentation: toyBackbone.augmentation };
  const drawn = async (epoch: number, seed: number, count = 1) => {
    const batches = [];
    for await (const batch of imageBatches({ ...recipe, split: dataset.train, stream: [seed], views: count }, epoch)) {
      batches.push(batch);
    }
    return batches;
  };

  test("hold each image of the split once, with its label", async () => {
    const labels = (await drawn(0, 1)).flatMap(({ arrays }) => Array.from(arrays.labels?.data ?? []));
    expect(labels.sort((a, b) => a - b)).toEqual(Array.from(dataset.train.labels).sort((a, b) => a - b));
    expect((await drawn(0, 1)).map(({ samples }) => samples)).toEqual([25, 25, 22]);
  });

  test("are the same again, and others in another epoch or of another stream", async () => {
    const bytes = async (epoch: number, seed: number): Promise<string> =>
      (await drawn(epoch, seed)).map(({ arrays }) => bytesOf(arrays)).join();
    expect(await bytes(1, 1)).toBe(await bytes(1, 1));
    expect(await bytes(2, 1)).not.toBe(await bytes(1, 1));
    expect(await bytes(1, 2)).not.toBe(await bytes(1, 1));
  });

  test("of two views hold all first views, then all second ones, of the same images", async () => {
    const [batch] = await drawn(0, 1, 2);
    const { images, labels } = batch?.arrays ?? {};
    expect(images?.shape).toEqual([50, 16, 16, 3]);
    expect(labels?.shape).toEqual([25]);
    const stream = random(1, "order", 0).permutation(72).slice(0, 25);
    const expected = await Promise.all(
      [0, 1].map((view) =>
        dataset.train.load(stream, { augmentation: recipe.augmentation, random: random(1, "view", 0, view) }),
      ),
    );
    const bytes = (data: Float32Array): string => bytesOf({ images: { shape: [], data } });
    expect(bytes(images?.data as Float32Array)).toBe(bytes(Float32Array.from(expected.flatMap((part) => [...part]))));
  });
});
