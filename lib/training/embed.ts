import { setImmediate } from "node:timers/promises";
import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import { loadAhead, orderedBatches } from "../data/batches";
import type { Augmentation, ImageSplit } from "../data/splits/dataset";
import { unitRows } from "../losses/unit-rows";
import { inference } from "../nn/inference";
import type { Architecture } from "../nn/network";
import type { Pass } from "../nn/pass";
import { lastLayer, requireInputs, transformation } from "../nn/transformation";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { forward } from "./forward";
import { type FormAndLoss, logVariance, predictsUncertainty } from "./transformation-loss";

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
  const { weights: loaded, embeddings } = inference(architecture, weights);
  const network = forward(loaded, (pass, { images }) => {
    const embedding = embeddings(pass.weights, images as tf.Tensor4D);
    return unit ? unitRows(embedding) : embedding;
  });
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

/** What h gives for every row: embeddings and, from FastFill's h, s = log variance. */
interface Mapped {
  readonly embeddings: Matrix;
  readonly logVariance: Float32Array | null;
}

/** h(old, side) for every row. Throws RangeError where rows or dimensions are not those that h takes. */
export function mapEmbeddings(
  form: FormAndLoss,
  weights: NamedArrays,
  { old, side }: { readonly old: Matrix; readonly side: Matrix },
): Mapped {
  if (side.rows !== old.rows)
    throw new RangeError(`${old.rows} old embeddings and ${side.rows} rows of side-information`);
  requireInputs(weights, { old: old.columns, side: side.columns }, form);
  const target = arrayNamed(weights, `${lastLayer(form)}.bias`).data.length;
  const outputs = matrix(old.rows, target + (predictsUncertainty(form) ? 1 : 0));
  const h = forward(weights, (pass, batch) => mapped(form, pass, batch));
  try {
    for (let first = 0; first < old.rows; first += rowsAtOnce) {
      const end = Math.min(first + rowsAtOnce, old.rows);
      outputs.data.set(h.map({ old: piece(old, first, end), side: piece(side, first, end) }), first * outputs.columns);
    }
    return predictsUncertainty(form) ? parted(outputs) : { embeddings: outputs, logVariance: null };
  } finally {
    h.dispose();
  }
}

/** h of a batch; the log variance, where h predicts one, is the last column. */
function mapped(form: FormAndLoss, pass: Pass, batch: Tensors): tf.Tensor2D {
  const output = transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form);
  if (!predictsUncertainty(form)) return output;
  return tf.concat2d([output, tf.expandDims(logVariance(pass, output), 1) as tf.Tensor2D], 1);
}

function parted({ rows, columns, data }: Matrix): Mapped {
  const target = columns - 1;
  const embedded = matrix(rows, target);
  for (let row = 0; row < rows; row++) {
    embedded.data.set(data.subarray(row * columns, row * columns + target), row * target);
  }
  const last = Float32Array.from({ length: rows }, (_, row) => data[row * columns + target] ?? Number.NaN);
  return { embeddings: embedded, logVariance: last };
}

function piece({ columns, data }: Matrix, first: number, end: number): NamedArray {
  return { shape: [end - first, columns], data: data.subarray(first * columns, end * columns) };
}
