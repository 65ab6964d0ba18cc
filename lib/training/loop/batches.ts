import { loadAhead } from "../../core/load-ahead";
import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { random } from "../../core/random";
import { epochBatches } from "../../data/batches";
import type { Augmentation } from "../../data/images/augment";
import type { ImageSplit } from "../../data/splits/dataset";
import { classBalancedBatches } from "./class-balanced-batches";

/** How images are drawn for training. */
interface ImageBatches {
  readonly split: ImageSplit;
  readonly batchSize: number;
  readonly augmentation: Augmentation;
  /** Names, together with the epoch, the random stream of the order and of the views. */
  readonly stream: readonly (string | number)[];
  /** Views of each image in a batch: all first views, then all second ones. 1 by default. */
  readonly views?: number;
  /** Images of each class in a batch; by default a batch is drawn from all images alike. */
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
 * The shuffled batches of one epoch: "images" [views x batch, height, width, 3] and their "labels"
 * [batch]. They are the same whether or not the split loads ahead. If the split recycles memory, a
 * batch is invalid once the next one is requested.
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

/** Arrays by name, and the number of samples in them. */
export interface TrainingBatch {
  readonly samples: number;
  readonly arrays: NamedArrays;
}

/**
 * A batch cut into parts of `size` samples and a smaller last one. A single sample left over, which
 * would have no batch statistics, joins the part before it.
 */
export function batchParts({ samples, arrays }: TrainingBatch, size: number): readonly TrainingBatch[] {
  const starts = Array.from({ length: Math.max(1, Math.floor((samples + size - 2) / size)) }, (_, part) => part * size);
  return starts.map((start, part) => {
    const end = starts[part + 1] ?? samples;
    const pieces = Object.entries(arrays).map(([name, array]) => [name, rowsOf(array, start, end)] as const);
    return { samples: end - start, arrays: Object.fromEntries(pieces) };
  });
}

function rowsOf({ shape, data }: NamedArray, start: number, end: number): NamedArray {
  const size = shape.slice(1).reduce((product, length) => product * length, 1);
  return { shape: [end - start, ...shape.slice(1)], data: data.subarray(start * size, end * size) };
}
