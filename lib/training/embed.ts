import { setImmediate } from "node:timers/promises";
import type { StepContext } from "../core/artifacts/step";
import { unexpected } from "../core/check";
import { loadAhead } from "../core/load-ahead";
import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import { orderedBatches } from "../data/batches";
import type { Augmentation } from "../data/images/augment";
import type { ImageSplit } from "../data/splits/dataset";
import { unitRows } from "../losses/unit-rows";
import { inference } from "../nn/networks/inference";
import type { Architecture } from "../nn/networks/network";
import type { Pass } from "../nn/pass";
import { lastLayer, requireInputs, type TransformationForm, transformation } from "../nn/transformation";
import type { PrecisionOf } from "../tf/graph/precision";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { forward } from "./forward";
import { type CaptureListener, firstReason } from "./loop/not-captured";
import { type FormAndLoss, logVariance, predictsUncertainty } from "./transformation-loss";

/** Augmented views of images: `count` of each, the same for every model that embeds them. */
export interface Views {
  readonly count: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
}

const batchSize = 256;

/** A trained network, and in what it computes. */
export interface EmbeddingNetwork extends PrecisionOf {
  readonly architecture: Architecture;
  readonly weights: NamedArrays;
  /** Are its embeddings divided by their L2 norm? */
  readonly unit?: boolean;
}

/** What embedding may use of the context of its step, and a listener. */
type EmbeddingContext = Pick<StepContext, "progress" | "signal"> & CaptureListener;

/**
 * Embeddings of a split's images as they are, one row an image, or of `views` of them: all rows of
 * the first view, then all of the second, and so on. Tells the context's listener if the network is
 * not captured. Throws if the signal aborts.
 */
export async function embedImages(
  { architecture, weights, unit = false, precision }: EmbeddingNetwork,
  split: ImageSplit,
  views: Views | null,
  context: EmbeddingContext,
): Promise<Matrix> {
  const { progress, signal } = context;
  const count = split.labels.length;
  const rows = count * (views?.count ?? 1);
  const result = matrix(rows, architecture.embedding);
  const { weights: loaded, embeddings } = inference(architecture, weights);
  const note = firstReason(context);
  const embedded = (pass: Pass, { images }: Tensors): tf.Tensor => {
    const embedding = embeddings(pass.weights, images as tf.Tensor4D);
    return unit ? unitRows(embedding) : embedding;
  };
  const network = forward(loaded, embedded, precision);
  const noImages = (size: number): NamedArray => ({ shape: [size, ...split.shape], data: new Float32Array(0) });
  network.awaits(orderedBatches(count, batchSize).map(({ length }) => ({ images: noImages(length) })));
  try {
    for await (const { indices, first, images } of viewBatches(split, views)) {
      await setImmediate();
      signal.throwIfAborted();
      const values = network.map({ images: { shape: [indices.length, ...split.shape], data: images } });
      note(network.notCaptured());
      split.recycle?.(images);
      result.data.set(values, first * architecture.embedding);
      progress.report((first + indices.length) / rows, `${first + indices.length}/${rows} images`);
    }
    return result;
  } finally {
    network.dispose();
  }
}

interface ViewBatch {
  readonly indices: Int32Array;
  /** The row of the first image. */
  readonly first: number;
  readonly images: Float32Array;
}

/** All images, view after view, each view in the order of the split. */
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

/** The output of h for every row. */
export interface MappedRows {
  readonly embeddings: Matrix;
  /** s = log variance, which FastFill's h predicts besides; null for any other. */
  readonly logVariance: Float32Array | null;
}

/** How h is built, in what it computes, and whether it predicts its own uncertainty. */
interface MappingForm extends TransformationForm, PrecisionOf {
  readonly uncertainty: boolean;
}

/** h with its weights. */
interface OpenMapping {
  /**
   * h(old, side) for every row, in batches of 4,096. The last is filled up with zeros to a power of
   * two, so that a few graphs serve any number of rows. Throws RangeError if the rows or dimensions
   * are not those that h takes.
   */
  readonly map: (inputs: { readonly old: Matrix; readonly side: Matrix }) => MappedRows;
  readonly dispose: () => void;
}

/** Makes h ready to map. Tells `listener` if it is not captured. */
export function openMapping(form: MappingForm, weights: NamedArrays, listener: CaptureListener = {}): OpenMapping {
  const target = arrayNamed(weights, `${lastLayer(form)}.bias`).data.length;
  const note = firstReason(listener);
  const h = forward(weights, (pass, batch) => outputOf(form, pass, batch), form.precision);
  return {
    map: ({ old, side }) => {
      if (side.rows !== old.rows)
        throw unexpected("rows of side-information", `${old.rows}, as of old embeddings`, side.rows);
      requireInputs(weights, { old: old.columns, side: side.columns }, form);
      const batchFrom = (first: number): NamedArrays => ({ old: piece(old, first), side: piece(side, first) });
      const rest = old.rows % rowsAtOnce;
      if (rest !== 0) h.awaits([batchFrom(old.rows - rest)]);
      const outputs = matrix(old.rows, target + (form.uncertainty ? 1 : 0));
      for (let first = 0; first < old.rows; first += rowsAtOnce) {
        const left = (old.rows - first) * outputs.columns;
        outputs.data.set(h.map(batchFrom(first)).subarray(0, left), first * outputs.columns);
        note(h.notCaptured());
      }
      return form.uncertainty ? splitOutputs(outputs) : { embeddings: outputs, logVariance: null };
    },
    dispose: h.dispose,
  };
}

/** What an h that is used once makes of every row; see `openMapping`. */
export function mapEmbeddings(
  form: FormAndLoss & PrecisionOf,
  weights: NamedArrays,
  inputs: { readonly old: Matrix; readonly side: Matrix },
  listener: CaptureListener = {},
): MappedRows {
  const h = openMapping({ ...form, uncertainty: predictsUncertainty(form) }, weights, listener);
  try {
    return h.map(inputs);
  } finally {
    h.dispose();
  }
}

/** h's output for a batch; the log variance, if h predicts it, is the last column. */
function outputOf(form: MappingForm, pass: Pass, batch: Tensors): tf.Tensor2D {
  const output = transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form);
  if (!form.uncertainty) return output;
  return tf.concat2d([output, tf.expandDims(logVariance(pass, output), 1) as tf.Tensor2D], 1);
}

/** The embeddings, and the last column as log variances. */
function splitOutputs({ rows, columns, data }: Matrix): MappedRows {
  const target = columns - 1;
  const embedded = matrix(rows, target);
  for (let row = 0; row < rows; row++) {
    embedded.data.set(data.subarray(row * columns, row * columns + target), row * target);
  }
  const last = Float32Array.from({ length: rows }, (_, row) => data[row * columns + target] as number);
  return { embeddings: embedded, logVariance: last };
}

/** The batch of rows that begins at `first`, filled up. */
function piece({ rows, columns, data }: Matrix, first: number): NamedArray {
  const end = Math.min(first + rowsAtOnce, rows);
  const size = 2 ** Math.ceil(Math.log2(end - first));
  const filled = new Float32Array(size * columns);
  filled.set(data.subarray(first * columns, end * columns));
  return { shape: [size, columns], data: filled };
}
