import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { random } from "../../lib/core/random";
import { epochBatches } from "../../lib/data/batches";
import { shapes } from "../../lib/data/readers/shapes";
import type { ImageSplit } from "../../lib/data/splits/dataset";
import { imageBatches } from "../../lib/training/loop/batches";

const { train } = shapes({ side: 8, perClass: 1, seed: 2 });
const recipe = { batchSize: 10, augmentation: { kind: "crop-flip", padding: 1 }, stream: [3, "test"] } as const;

/** A split that loads images late and takes memory back, so that a later reader finds nothing. */
function decodingSplit(): ImageSplit & { readonly given: Float32Array[]; readonly taken: Float32Array[] } {
  const given: Float32Array[] = [];
  const taken: Float32Array[] = [];
  return {
    ...train,
    given,
    taken,
    ahead: 2,
    load: async (indices, view) => {
      for (let i = 0; i < (indices[0] ?? 0) % 5; i++) await setImmediate();
      const images = await train.load(indices, view);
      given.push(images);
      return images;
    },
    recycle: (batch) => {
      taken.push(batch);
      structuredClone(batch, { transfer: [batch.buffer as ArrayBuffer] });
    },
  };
}

/** The images and labels of every batch of an epoch, copied while the batch is in use. */
async function epoch(split: ImageSplit, views: number, number = 1) {
  const batches: { samples: number; images: Float32Array; shape: readonly number[]; labels: readonly number[] }[] = [];
  for await (const { samples, arrays } of imageBatches({ ...recipe, split, views }, number)) {
    const images = arrays.images?.data as Float32Array;
    batches.push({
      samples,
      images: images.slice(),
      shape: arrays.images?.shape ?? [],
      labels: [...(arrays.labels?.data ?? [])],
    });
  }
  return batches;
}

describe("the batches of an epoch", () => {
  it.each([1, 2])("are views (%i) of the images in random order, loaded one by one", async (views) => {
    const order = epochBatches({ count: train.labels.length, batchSize: 10, random: random(3, "test", "order", 1) });
    const batches = await epoch(train, views);
    expect(batches).toHaveLength(order.length);
    for (const [i, indices] of order.entries()) {
      const singly: number[] = [];
      for (let view = 0; view < views; view++) {
        const stream = random(3, "test", "view", 1, view);
        for (const index of indices) {
          const { augmentation } = recipe;
          singly.push(...(await train.load(Int32Array.of(index), { augmentation, random: stream })));
        }
      }
      expect(batches[i]).toEqual({
        samples: indices.length,
        images: Float32Array.from(singly),
        shape: [views * indices.length, 8, 8, 3],
        labels: [...indices].map((index) => train.labels[index]),
      });
    }
  });

  it.each([1, 2])("are the same if they are loaded ahead and given back: views %i", async (views) => {
    const split = decodingSplit();
    expect(await epoch(split, views)).toEqual(await epoch(train, views));
    expect(split.given.every(({ length }) => length === 0)).toBe(true);
    expect(new Set(split.taken).size).toBe(split.taken.length);
  });

  it("differ from epoch to epoch", async () => {
    expect((await epoch(train, 1, 2))[0]).not.toEqual((await epoch(train, 1))[0]);
  });

  it("leave no load under way when training stops", async () => {
    const split = decodingSplit();
    for await (const { samples } of imageBatches({ ...recipe, split }, 1)) if (samples > 0) break;
    const loaded = split.given.length;
    await setImmediate();
    expect(split.given.length).toBe(loaded);
    expect(loaded).toBe(3);
  });
});
