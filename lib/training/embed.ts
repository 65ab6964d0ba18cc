import { setImmediate } from "node:timers/promises";
import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import { orderedBatches } from "../data/batches";
import type { Augmentation, ImageSplit } from "../data/dataset";
import { loadAhead } from "../data/load-ahead";
import { type Architecture, embeddings } from "../nn/network";
import { projection } from "../nn/projection";
import { weightNamed } from "../tf/gradients";
import type { tf } from "../tf/tensorflow";
import { forward } from "./forward";

/** Which views of the images are embedded: as they are, or `count` augmented ones, the same for every model. */
export type Views = { readonly count: number; readonly augmentation: Augmentation; readonly seed: number };

const batchSize = 256;

/** Embeddings of a split's images, one row an image; of `views`, all rows of the first view, then all of the second. */
export async function embedImages(
  { architecture, weights }: { readonly architecture: Architecture; readonly weights: NamedArrays },
  split: ImageSplit,
  views: Views | null,
  { progress, signal }: Pick<StepContext, "progress" | "signal">,
): Promise<Matrix> {
  const count = split.labels.length;
  const rows = count * (views?.count ?? 1);
  const embedded = matrix(rows, architecture.embedding);
  const network = forward(weights, (pass, { images }) => embeddings(architecture, pass, images as tf.Tensor4D));
  try {
    for await (const { indices, first, images } of viewBatches(split, views)) {
      await setImmediate();
      signal.throwIfAborted();
      const values = network.map({ images: { shape: [indices.length, ...split.shape], data: images } });
      split.recycle?.(images);
      embedded.data.set(values, first * architecture.embedding);
      progress.report((first + indices.length) / rows, `${first + indices.length}/${rows} images`);
    }
    return embedded;
  } finally {
    network.dispose();
  }
}

interface ViewBatch {
  readonly indices: Int32Array;
  /** The row of its first image. */
  readonly first: number;
  readonly images: Float32Array;
}

/** All images view after view, each view in the order of the split. */
function viewBatches(split: ImageSplit, views: Views | null): AsyncIterable<ViewBatch> {
  const count = split.labels.length;
  const streams = Array.from({ length: views?.count ?? 1 }, (_, view) => ({
    before: view * count,
    view: views && { augmentation: views.augmentation, random: random(views.seed, "views", view) },
  }));
  const batches = orderedBatches(count, batchSize);
  const parts = streams.flatMap((stream) => batches.map((indices) => ({ ...stream, indices })));
  return loadAhead(
    parts,
    async ({ before, view, indices }) => ({
      indices,
      first: before + (indices[0] ?? 0),
      images: await split.load(indices, view ?? undefined),
    }),
    split.ahead ?? 0,
  );
}

const rowsAtOnce = 4096;

/** h(old, side) for every row. */
export function mapEmbeddings(
  weights: NamedArrays,
  { old, side }: { readonly old: Matrix; readonly side: Matrix },
): Matrix {
  const mapped = matrix(old.rows, arrayNamed(weights, "mixer.2.bias").data.length);
  const h = forward(weights, (pass, batch) => projection(pass, weightNamed(batch, "old"), weightNamed(batch, "side")));
  try {
    for (let first = 0; first < old.rows; first += rowsAtOnce) {
      const end = Math.min(first + rowsAtOnce, old.rows);
      mapped.data.set(h.map({ old: piece(old, first, end), side: piece(side, first, end) }), first * mapped.columns);
    }
    return mapped;
  } finally {
    h.dispose();
  }
}

function piece({ columns, data }: Matrix, first: number, end: number): NamedArray {
  return { shape: [end - first, columns], data: data.subarray(first * columns, end * columns) };
}
