import { type Matrix, matrix } from "../core/matrix";
import { tf } from "../tf/tensorflow";
import { blockBytes, type Embeddings } from "./approximate-rows";
import { type GalleryFrame, galleryFrame, queryDirections } from "./gallery-frame";
import { productError, reducedPrecision, splitRows, toTensor } from "./product-precision";

/** Gallery rows that may be near a query. */
export interface Candidates {
  readonly query: number;
  /** By approximate nearness, the nearest first. */
  readonly items: Int32Array;
  /** Of each item: |q - g|^2 is within a share of `margin` of a falling linear function of it. */
  readonly scores: Float32Array;
  readonly margin: number;
}

/** Farther from a query than this many times its length, norms alone decide. */
const farthest = 2 ** 20;

/**
 * For every query its `count` nearest gallery rows by 32-bit products, in query order. One product gives product and norm at once,
 * [direction, c] by [gallery row, -norm], and TensorFlow picks the largest of each row. Memory: two copies of the gallery and one block.
 */
export function* nearestCandidates({ gallery, query }: Embeddings, count: number): Generator<Candidates, void, void> {
  const frame = galleryFrame(gallery);
  const split = reducedPrecision();
  const rounding = productError(gallery.columns + 1, split);
  const rows = withColumn(frame.scaled, (row) => -(frame.norms[row] ?? Number.NaN) / frame.reach ** 2);
  const right = toTensor(split ? splitRows(rows, "high high low") : rows);
  const step = Math.max(1, Math.floor((8 * blockBytes) / (4 * gallery.rows)));
  try {
    for (let first = 0; first < query.rows; first += step) {
      const { left, margins } = directed(query, { first, end: Math.min(first + step, query.rows) }, frame, rounding);
      const { values, indices } = largest(split ? splitRows(left, "high low high") : left, right, count);
      for (let row = 0; row < left.rows; row++) {
        const own = [row * count, (row + 1) * count] as const;
        const margin = margins[row] ?? Number.NaN;
        yield { query: first + row, items: indices.subarray(...own), scores: values.subarray(...own), margin };
      }
    }
  } finally {
    right.dispose();
  }
}

/** Queries first .. end - 1 with the factor of the norms as their last column, and the error of their scores. */
function directed(
  query: Matrix,
  { first, end }: { readonly first: number; readonly end: number },
  { centre, reach }: GalleryFrame,
  rounding: number,
): { readonly left: Matrix; readonly margins: Float64Array } {
  const { unit, lengths } = queryDirections(query, first, end, centre);
  const factors = lengths.map((length) => reach / (2 * length));
  const left = withColumn(unit, (row) => factors[row] ?? Number.NaN);
  const margins = factors.map((factor) => rounding * (1 + factor));
  factors.forEach((factor, row) => {
    if (factor < farthest) return;
    left.data.fill(0, row * left.columns, (row + 1) * left.columns - 1);
    left.data[(row + 1) * left.columns - 1] = 1;
    margins[row] = rounding + 1 / factor;
  });
  return { left, margins };
}

function withColumn({ rows, columns, data }: Matrix, value: (row: number) => number): Matrix {
  const wide = matrix(rows, columns + 1);
  for (let row = 0; row < rows; row++) {
    wide.data.set(data.subarray(row * columns, (row + 1) * columns), row * (columns + 1));
    wide.data[(row + 1) * (columns + 1) - 1] = value(row);
  }
  return wide;
}

function largest(
  left: Matrix,
  right: tf.Tensor2D,
  count: number,
): { readonly values: Float32Array; readonly indices: Int32Array } {
  const { values, indices } = tf.tidy(() => tf.topk(tf.matMul(toTensor(left), right, false, true), count));
  const read = { values: values.dataSync<"float32">(), indices: indices.dataSync<"int32">() };
  tf.dispose([values, indices]);
  return read;
}
