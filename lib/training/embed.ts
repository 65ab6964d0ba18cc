import { setImmediate } from "node:timers/promises";
import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import { orderedBatches } from "../data/batches";
import type { Augmentation, ImageSplit } from "../data/dataset";
import { unitRows } from "../losses/unit-rows";
import { type Architecture, embeddings } from "../nn/network";
import { projection } from "../nn/projection";
import { weightNamed } from "../tf/gradients";
import type { tf } from "../tf/tensorflow";
import { forward } from "./forward";
import type { TransformationRecipe } from "./transformation";

/** Which views of the images are embedded: as they are, or `count` augmented ones, the same for every model. */
export type Views = { readonly count: number; readonly augmentation: Augmentation; readonly seed: number };

const batchSize = 256;

/** A trained network; `unit` divides its embeddings by their L2 norm. */
export interface EmbeddingNetwork {
  readonly architecture: Architecture;
  readonly weights: NamedArrays;
  readonly unit?: boolean;
}

/** Embeddings of a split's images, one row an image; of `views`, all rows of the first view, then all of the second. */
export async function embedImages(
  { architecture, weights, unit = false }: EmbeddingNetwork,
  split: ImageSplit,
  views: Views | null,
  { progress, signal }: Pick<StepContext, "progress" | "signal">,
): Promise<Matrix> {
  const count = split.labels.length;
  const rows = count * (views?.count ?? 1);
  const embedded = matrix(rows, architecture.embedding);
  const network = forward(weights, (pass, { images }) => {
    const embedding = embeddings(architecture, pass, images as tf.Tensor4D);
    return unit ? unitRows(embedding) : embedding;
  });
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

const rowsAtOnce = 4096;

/** What h gives for every row: embeddings and, by FastFill alone, s = log variance. */
export interface Mapped {
  readonly embeddings: Matrix;
  readonly logVariance: Float32Array | null;
}

/** h(old, side) for every row. Throws RangeError where the embeddings are not those that h takes. */
export function mapEmbeddings(
  _recipe: TransformationRecipe,
  weights: NamedArrays,
  { old, side }: { readonly old: Matrix; readonly side: Matrix },
): Mapped {
  const mapped = matrix(old.rows, arrayNamed(weights, "mixer.2.bias").data.length);
  const h = forward(weights, (pass, batch) => projection(pass, weightNamed(batch, "old"), weightNamed(batch, "side")));
  try {
    for (let first = 0; first < old.rows; first += rowsAtOnce) {
      const end = Math.min(first + rowsAtOnce, old.rows);
      mapped.data.set(h.map({ old: piece(old, first, end), side: piece(side, first, end) }), first * mapped.columns);
    }
    return { embeddings: mapped, logVariance: null };
  } finally {
    h.dispose();
  }
}

function piece({ columns, data }: Matrix, first: number, end: number): NamedArray {
  return { shape: [end - first, columns], data: data.subarray(first * columns, end * columns) };
}
