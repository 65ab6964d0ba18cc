import { type Matrix, matrix } from "../../../core/matrix";
import { tf } from "../../../tf/tensorflow";
import { factorOf, type ScaledRows } from "../../metrics/scaled-rows";

/** How a gallery's rows are shifted and scaled before they are multiplied. */
export interface GalleryFrame {
  /**
   * Mean of the gallery's rows. Subtracting it from both sides changes no distance and keeps
   * rounding errors small.
   */
  readonly centre: Float64Array;
  /** Length of the longest centred row, or 1 if all are 0. Rows divided by it cannot overflow. */
  readonly reach: number;
}

/** The frame of all rows of a gallery. */
export function galleryFrame(gallery: ScaledRows): GalleryFrame {
  const centre = columnMeans(gallery);
  let largest = 0;
  for (let i = 0; i < gallery.rows; i++) largest = Math.max(largest, squaredLength(gallery, i, centre));
  return { centre, reach: largest > 0 ? Math.sqrt(largest) : 1 };
}

/**
 * Rows first .. end - 1 in the frame: centred and divided by `reach`. A last column holds the
 * negative square of that row's length.
 */
export function framedRows(gallery: ScaledRows, first: number, end: number, { centre, reach }: GalleryFrame): Matrix {
  const framed = matrix(end - first, gallery.columns + 1);
  for (let i = first; i < end; i++) {
    writeCentred(framed, i - first, gallery, i, centre, reach);
    framed.data[(i - first + 1) * framed.columns - 1] = -squaredLength(gallery, i, centre) / reach ** 2;
  }
  return framed;
}

/**
 * Queries first .. end - 1 in the frame: centred and divided by their lengths. A last column holds
 * the factor for the last column of `framedRows`.
 */
export function framedQueries(
  query: ScaledRows,
  first: number,
  end: number,
  { centre, reach }: GalleryFrame,
): { readonly framed: Matrix; readonly lengths: Float64Array; readonly factors: Float64Array } {
  const framed = matrix(end - first, query.columns + 1);
  const lengths = Float64Array.from({ length: end - first }, (_, i) =>
    Math.sqrt(squaredLength(query, first + i, centre)),
  );
  const factors = lengths.map((length) => reach / (2 * length));
  for (let i = first; i < end; i++) {
    const factor = factors[i - first] as number;
    const far = factor >= normsAlone;
    if (!far) writeCentred(framed, i - first, query, i, centre, lengths[i - first] as number);
    framed.data[(i - first + 1) * framed.columns - 1] = far ? 1 : factor;
  }
  return { framed, lengths, factors };
}

/** From this factor on, a query is so close to the centre that the gallery's norms alone decide. */
export const normsAlone: number = 2 ** 20;

function columnMeans(source: ScaledRows): Float64Array {
  const { rows, columns, data } = source;
  const means = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) {
    const factor = factorOf(source, i);
    for (let c = 0; c < columns; c++, at++) means[c] = (means[c] as number) + (data[at] as number) * factor;
  }
  return means.map((sum) => sum / rows);
}

function squaredLength(source: ScaledRows, index: number, centre: Float64Array): number {
  const { columns, data } = source;
  const factor = factorOf(source, index);
  let sum = 0;
  for (let c = 0, at = index * columns; c < columns; c++, at++) {
    sum += ((data[at] as number) * factor - (centre[c] as number)) ** 2;
  }
  return sum;
}

function writeCentred(to: Matrix, i: number, from: ScaledRows, j: number, centre: Float64Array, length: number): void {
  const { columns } = from;
  const factor = factorOf(from, j);
  for (let c = 0; c < columns; c++) {
    to.data[i * to.columns + c] = ((from.data[j * columns + c] as number) * factor - (centre[c] as number)) / length;
  }
}

/** The matrix as a tensor. */
export function toTensor({ rows, columns, data }: Matrix): tf.Tensor2D {
  return tf.tensor2d(data, [rows, columns]);
}

/**
 * A bound on the rounding error of the product of two rows of length 1 or less; if `split`, of rows
 * split by `splitRows` and multiplied by a device that cuts factors to 11 bits.
 */
export function productError(columns: number, split: boolean): number {
  return split ? (3 * columns + 16) * 2 ** -22 : (columns + 16) * 2 ** -24;
}

/** Whether matrix products may keep only TF32's 11 significant bits of each factor, as GPUs do. */
export function reducedPrecision(): boolean {
  return (tf.backend() as unknown as { readonly isUsingGpuDevice: boolean }).isUsingGpuDevice;
}

/**
 * Each row as three parts side by side: `high` holds its values to 11 significant bits, `low` the
 * rest. The product of a row "high low high" and a row "high high low" equals that of the original
 * rows to about 2^-22, even if each factor is cut to 11 bits.
 */
export function splitRows({ rows, columns, data }: Matrix, order: "high low high" | "high high low"): Matrix {
  const high = highPart(data);
  const low = data.map((value, i) => value - (high[i] as number));
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
  for (let i = 0; i < bits.length; i++) bits[i] = ((bits[i] as number) + 0x1000) & 0xffffe000;
  return high;
}
