import { type Matrix, matrix } from "../core/matrix";
import { tf } from "../tf/tensorflow";

/** The matrix as a tensor. */
export function toTensor({ rows, columns, data }: Matrix): tf.Tensor2D {
  return tf.tensor2d(data, [rows, columns]);
}

/** A bound on the rounding of a product of rows of length 1 or less, of the split ones where products may be cut. */
export function productError(columns: number, split: boolean): number {
  return split ? (3 * columns + 16) * 2 ** -22 : (columns + 16) * 2 ** -24;
}

/** Whether matrix products may keep only TF32's 11 significant bits of each factor, as a GPU's do. */
export function reducedPrecision(): boolean {
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
