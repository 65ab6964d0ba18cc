import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { matrix } from "../../../lib/core/matrix";
import type { NamedArrays } from "../../../lib/core/named-arrays";
import { loadDataset } from "../../../lib/data/load-dataset";
import type { Dataset } from "../../../lib/data/splits/dataset";
import { tf } from "../../../lib/tf/tensorflow";
import { trainBackbone } from "../../../lib/training/backbone";
import { embedImages, mapEmbeddings } from "../../../lib/training/embed";
import type { TrainingContext } from "../../../lib/training/loop/not-captured";
import { trainTransformation } from "../../../lib/training/transformation";
import { expectClose, normals } from "../../losses/agreement";
import { toyBackbone, toyContext, toyShapes, toyTransformation } from "../shapes-toy";

const reading = vi.hoisted(() => ({ on: false }));

// While `reading` is on, every step and network reads a value of its batch, which no graph can do.
vi.mock("../../../lib/tf/graph/runner", async (original) => {
  const { runner } = await original<typeof import("../../../lib/tf/graph/runner")>();
  const reader: typeof runner = (step, state) =>
    runner((before, batch) => {
      if (reading.on) Object.values(batch)[0]?.dataSync();
      return step(before, batch);
    }, state);
  return { runner: reader };
});

afterEach(() => {
  reading.on = false;
});

let dataset: Dataset;
let weights: NamedArrays;
beforeAll(async () => {
  dataset = await loadDataset(toyShapes);
  weights = (await trainBackbone(backbone, dataset, toyContext())).weights;
});

const schedule = { learningRate: 0.05, epochs: 2, warmup: 0 };
const backbone = { ...toyBackbone, schedule };
const { architecture } = backbone;
const h = { ...toyTransformation, schedule };
const rows = (name: string) => matrix(64, 5, normals(name, 320));
const embeddings = { old: rows("old"), side: rows("side"), target: rows("target") };

/** Views of 288 rows, more than one batch. */
const views = { count: 4, augmentation: toyBackbone.augmentation, seed: 1 };

test.each<readonly [string, (context: TrainingContext) => Promise<ArrayLike<number>>]>([
  ["a training", async (context) => (await trainBackbone(backbone, dataset, context)).losses],
  [
    "a training in parts of batches",
    async (context) => (await trainBackbone({ ...backbone, accumulation: 2 }, dataset, context)).losses,
  ],
  [
    "a training whose second half freezes",
    async (context) => (await trainTransformation(h, embeddings, context)).losses,
  ],
  ["embedding", async (context) => (await embedImages({ architecture, weights }, dataset.train, views, context)).data],
  [
    "mapping",
    async (context) => {
      const mapper = await trainTransformation(h, embeddings, toyContext());
      const many = { old: matrix(4100, 5, normals("many", 20_500)), side: matrix(4100, 5, normals("more", 20_500)) };
      return mapEmbeddings(h, mapper.weights, many, context).embeddings.data;
    },
  ],
])("%s that cannot be captured says why, once, and gives the same numbers", async (_, work) => {
  const before = tf.memory().numTensors;
  const [first, second] = [toyContext(), toyContext()];
  const captured = await work(first);
  expect(first.reasons).toEqual([]);
  reading.on = true;
  const opByOp = await work(second);
  expect(second.reasons).toEqual([expect.stringMatching(/a value is read/)]);
  expect(opByOp.length).toBe(captured.length);
  for (let i = 0; i < captured.length; i++) expectClose(opByOp[i] as number, captured[i] as number, 1e-4);
  expect(tf.memory().numTensors).toBe(before);
});
