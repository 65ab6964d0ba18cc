import { setImmediate } from "node:timers/promises";
import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import { orderedBatches } from "../data/batches";
import type { Augmentation, ImageSplit } from "../data/dataset";
import { type Architecture, embeddings } from "../nn/network";
import { evaluation } from "../nn/pass";
import { projection } from "../nn/projection";
import { toTensors } from "../nn/weights";
import { tf } from "../tf/tensorflow";

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
  const tensors = toTensors(weights);
  try {
    for (let view = 0; view < rows / count; view++) {
      const stream = views && { augmentation: views.augmentation, random: random(views.seed, "views", view) };
      for (const indices of orderedBatches(count, batchSize)) {
        await setImmediate();
        signal.throwIfAborted();
        const images = await split.load(indices, stream ?? undefined);
        const first = view * count + (indices[0] ?? 0);
        const values = valuesOf(() => {
          const batch = tf.tensor4d(images, [indices.length, ...split.shape]);
          return embeddings(architecture, evaluation(tensors), batch);
        });
        embedded.data.set(values, first * architecture.embedding);
        progress.report((first + indices.length) / rows, `${first + indices.length}/${rows} images`);
      }
    }
    return embedded;
  } finally {
    tf.dispose(tensors);
  }
}

/** The values of what `compute` returns, whose tensors are freed. Outside tf.tidy, which would walk through every value. */
function valuesOf(compute: () => tf.Tensor): Float32Array {
  const result = tf.tidy(compute);
  const values = result.dataSync<"float32">();
  result.dispose();
  return values;
}

const rowsAtOnce = 4096;

/** h(old, side) for every row. */
export function mapEmbeddings(
  weights: NamedArrays,
  { old, side }: { readonly old: Matrix; readonly side: Matrix },
): Matrix {
  const columns = arrayNamed(weights, "mixer.2.bias").data.length;
  const mapped = matrix(old.rows, columns);
  const tensors = toTensors(weights);
  try {
    for (let first = 0; first < old.rows; first += rowsAtOnce) {
      const end = Math.min(first + rowsAtOnce, old.rows);
      const values = valuesOf(() =>
        projection(evaluation(tensors), rowTensor(old, first, end), rowTensor(side, first, end)),
      );
      mapped.data.set(values, first * columns);
    }
    return mapped;
  } finally {
    tf.dispose({ ...tensors });
  }
}

function rowTensor({ columns, data }: Matrix, first: number, end: number): tf.Tensor2D {
  return tf.tensor2d(data.slice(first * columns, end * columns), [end - first, columns]);
}
