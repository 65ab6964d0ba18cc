import { type Matrix, matrix } from "../core/matrix";
import { tf } from "../tf/tensorflow";

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
  const relativeError = split ? (3 * gallery.columns + 16) * 2 ** -22 : (gallery.columns + 16) * 2 ** -24;
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

interface GalleryFrame {
  /** Mean of the gallery's rows: subtracted from both sides, it leaves distances as they are and rounding errors small. */
  readonly centre: Float64Array;
  /** Squared lengths of the centred rows. */
  readonly norms: Float64Array;
  /** The largest of those lengths, or 1 where all are 0. */
  readonly reach: number;
  /** The centred rows over `reach`, so that no product overflows. */
  readonly scaled: Matrix;
}

function galleryFrame(gallery: Matrix): GalleryFrame {
  const { rows, columns } = gallery;
  const centre = columnMeans(gallery);
  const norms = Float64Array.from({ length: rows }, (_, i) => squaredLength(gallery, i, centre));
  const largest = norms.reduce((a, b) => Math.max(a, b), 0);
  const reach = largest > 0 ? Math.sqrt(largest) : 1;
  const scaled = matrix(rows, columns);
  for (let i = 0; i < rows; i++) writeCentred(scaled, i, gallery, i, centre, reach);
  return { centre, norms, reach, scaled };
}

/** Rows first .. end - 1, centred and divided by their lengths. */
function queryDirections(
  query: Matrix,
  first: number,
  end: number,
  centre: Float64Array,
): { readonly unit: Matrix; readonly lengths: Float64Array } {
  const unit = matrix(end - first, query.columns);
  const lengths = new Float64Array(end - first);
  for (let i = first; i < end; i++) {
    const length = Math.sqrt(squaredLength(query, i, centre));
    lengths[i - first] = length;
    if (length > 0) writeCentred(unit, i - first, query, i, centre, length);
  }
  return { unit, lengths };
}

function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let c = 0; c < columns; c++, at++) means[c] = (means[c] as number) + (data[at] as number);
  }
  return means.map((sum) => sum / rows);
}

function squaredLength({ columns, data }: Matrix, index: number, centre: Float64Array): number {
  let sum = 0;
  for (let c = 0, at = index * columns; c < columns; c++, at++) {
    sum += ((data[at] as number) - (centre[c] as number)) ** 2;
  }
  return sum;
}

function writeCentred(to: Matrix, i: number, from: Matrix, j: number, centre: Float64Array, length: number): void {
  const { columns } = from;
  for (let c = 0; c < columns; c++) {
    to.data[i * columns + c] = ((from.data[j * columns + c] as number) - (centre[c] as number)) / length;
  }
}

function toTensor({ rows, columns, data }: Matrix): tf.Tensor2D {
  return tf.tensor2d(data, [rows, columns]);
}

function multiply(left: Matrix, right: tf.Tensor2D): Float32Array {
  const product = tf.tidy(() => tf.matMul(toTensor(left), right, false, true));
  // Not inside the tidy: it would look for tensors in every element of what it returns.
  const values = product.dataSync<"float32">();
  product.dispose();
  return values;
}

/** Whether matrix products may keep only TF32's 11 significant bits of each factor, as a GPU's do. */
function reducedPrecision(): boolean {
  return (tf.backend() as unknown as { readonly isUsingGpuDevice: boolean }).isUsingGpuDevice;
}

/**
 * Each row as three parts side by side, `high` its values in 11 significant bits and `low` the rest: the product of a row
 * "high low high" with a row "high high low" is theirs to about 2^-22 even where each factor is cut to 11 bits.
 */
export function splitRows({ rows, columns, data }: Matrix, order: "high low high" | "high high low"): Matrix {
  const high = highPart(data);
  const low = data.map((value, i) => value - (high[i] ?? 0));
  const parts = order === "high low high" ? [high, low, high] : [high, high, low];
  const wide = matrix(rows, 3 * columns);
  for (let i = 0; i < rows; i++) {
    const from = i * columns;
    parts.forEach((part, k) => {
      wide.data.set(part.subarray(from, from + columns), (3 * i + k) * columns);
    });
  }
  return wide;
}

function highPart(data: Float32Array): Float32Array {
  const high = data.slice();
  const bits = new Uint32Array(high.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = ((bits[i] ?? 0) + 0x1000) & 0xffffe000;
  return high;
}
