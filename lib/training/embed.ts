import { setImmediate } from "node:timers/promises";
import { type Matrix, matrix } from "../core/matrix";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import { orderedBatches } from "../data/batches";
import type { Augmentation, ImageSplit } from "../data/dataset";
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
    for (let view = 0; view < rows / count; view++) {
      const stream = views && { augmentation: views.augmentation, random: random(views.seed, "views", view) };
      for (const indices of orderedBatches(count, batchSize)) {
        await setImmediate();
        signal.throwIfAborted();
        const images = await split.load(indices, stream ?? undefined);
        const first = view * count + (indices[0] ?? 0);
        const values = network.map({ images: { shape: [indices.length, ...split.shape], data: images } });
        embedded.data.set(values, first * architecture.embedding);
        progress.report((first + indices.length) / rows, `${first + indices.length}/${rows} images`);
      }
    }
    return embedded;
  } finally {
    network.dispose();
  }
}

/** h(old, side) for every row. */
export async function mapEmbeddings(
  weights: NamedArrays,
  { old, side }: { readonly old: Matrix; readonly side: Matrix },
): Promise<Matrix> {
  const h = forward(weights, (pass, batch) => projection(pass, weightNamed(batch, "old"), weightNamed(batch, "side")));
  try {
    const parts = orderedBatches(old.rows, 4096).map((rows) =>
      h.map({ old: piece(old, rows), side: piece(side, rows) }),
    );
    const columns = (parts[0]?.length ?? 0) / Math.min(old.rows, 4096);
    const mapped = matrix(old.rows, columns);
    parts.forEach((part, index) => {
      mapped.data.set(part, index * 4096 * columns);
    });
    return mapped;
  } finally {
    h.dispose();
  }
}

function piece({ columns, data }: Matrix, rows: Int32Array): NamedArray {
  const first = rows[0] ?? 0;
  return {
    shape: [rows.length, columns],
    data: data.subarray(first * columns, (first + rows.length) * columns),
  };
}
