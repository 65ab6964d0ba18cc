import { random } from "../core/random";
import { epochBatches } from "../data/batches";
import type { Augmentation, ImageSplit } from "../data/dataset";
import { loadAhead } from "../data/load-ahead";
import type { TrainingBatch } from "./batch-parts";
import { classBalancedBatches } from "./class-balanced-batches";

/** How images are drawn for training. `stream` names the random order and views, besides the epoch. */
export interface ImageBatches {
  readonly split: ImageSplit;
  readonly batchSize: number;
  readonly augmentation: Augmentation;
  readonly stream: readonly (string | number)[];
  /** Views of each image in a batch, one after the other: all first views, then all second ones. */
  readonly views?: number;
  /** Images of each class in a batch, by turns; by default a batch is drawn from all images. */
  readonly perClass?: number | undefined;
}

/** The indices of the images in each batch of one epoch. */
export function batchOrder(
  { split, batchSize, stream, perClass }: Omit<ImageBatches, "augmentation">,
  epoch: number,
): readonly Int32Array[] {
  const order = random(...stream, "order", epoch);
  if (perClass !== undefined) return classBalancedBatches(split.labels, { batchSize, perClass }, order);
  return epochBatches({ count: split.labels.length, batchSize, random: order });
}

/**
 * The shuffled batches of one epoch: "images" [views x batch, height, width, 3] and "labels" [batch] of the images. Batches are the same whether
 * the split loads ahead or not; where it recycles, a batch's images are gone once the next is asked for.
 */
export async function* imageBatches(
  drawing: ImageBatches,
  epoch: number,
): AsyncGenerator<TrainingBatch, void, undefined> {
  const { split, augmentation, stream, views = 1 } = drawing;
  const load = async (indices: Int32Array): Promise<TrainingBatch> => {
    const loaded = Array.from({ length: views }, (_, view) =>
      split.load(indices, { augmentation, random: random(...stream, "view", epoch, view) }),
    );
    const data = joined(await Promise.all(loaded), split);
    const images = { shape: [views * indices.length, ...split.shape], data };
    const labels = { shape: [indices.length], data: indices.map((index) => split.labels[index] ?? -1) };
    return { samples: indices.length, arrays: { images, labels } };
  };
  for await (const batch of loadAhead(batchOrder(drawing, epoch), load, split.ahead ?? 0)) {
    yield batch;
    split.recycle?.(batch.arrays.images?.data as Float32Array);
  }
}

function joined(parts: readonly Float32Array[], { recycle }: ImageSplit): Float32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
    recycle?.(part);
  }
  return whole;
}
