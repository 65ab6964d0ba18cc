import type { Matrix } from "../core/matrix";
import { tf } from "../tf/tensorflow";
import { galleryFrame, queryDirections } from "./gallery-frame";
import { productError, reducedPrecision, splitRows, toTensor } from "./product-precision";

/** One query against the whole gallery: |q - g_j|^2 is within `margin` of offset + norms[j] - weight * products[j]. */
export interface ApproximateRow {
  readonly query: number;
  /** [gallery rows]; the caller's to overwrite until the next row is asked for. */
  readonly products: Float32Array;
  /** [gallery rows], the same array for every query. */
  readonly norms: Float64Array;
  readonly offset: number;
  readonly weight: number;
  /** Above 0: a bound on the 32-bit rounding, not an estimate of it. */
  readonly margin: number;
}

/** What one block of products may take, in bytes: larger blocks cost more in fresh memory than they save in calls. */
export const blockBytes: number = 8 * 2 ** 20;

/**
 * Squared L2 distances of every query row to every gallery row, in query order, by 32-bit matrix products of at most
 * `blockBytes` (or one row) at a time. Memory: two copies of the gallery and one block.
 */
export function* approximateRows({ gallery, query }: Embeddings): Generator<ApproximateRow, void, void> {
  const frame = galleryFrame(gallery);
  const split = reducedPrecision();
  const relativeError = productError(gallery.columns, split);
  const right = toTensor(split ? splitRows(frame.scaled, "high high low") : frame.scaled);
  const step = Math.max(1, Math.floor(blockBytes / (4 * gallery.rows)));
  try {
    for (let first = 0; first < query.rows; first += step) {
      const { unit, lengths } = queryDirections(query, first, Math.min(first + step, query.rows), frame.centre);
      const products = multiply(split ? splitRows(unit, "high low high") : unit, right);
      for (let i = 0; i < unit.rows; i++) {
        const length = lengths[i] ?? 0;
        const weight = 2 * length * frame.reach;
        yield {
          query: first + i,
          products: products.subarray(i * gallery.rows, (i + 1) * gallery.rows),
          norms: frame.norms,
          offset: length ** 2,
          weight,
          margin: weight * relativeError + (length ** 2 + frame.reach ** 2) * 2 ** -40 + 1e-200,
        };
      }
    }
  } finally {
    right.dispose();
  }
}

/** Both sides of a search, rows of one width. */
export interface Embeddings {
  readonly gallery: Matrix;
  readonly query: Matrix;
}

function multiply(left: Matrix, right: tf.Tensor2D): Float32Array {
  const product = tf.tidy(() => tf.matMul(toTensor(left), right, false, true));
  // Not inside the tidy: it would look for tensors in every element of what it returns.
  const values = product.dataSync<"float32">();
  product.dispose();
  return values;
}
