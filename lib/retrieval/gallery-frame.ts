import { type Matrix, matrix } from "../core/matrix";

/** A gallery as its products are computed. */
export interface GalleryFrame {
  /** Mean of the gallery's rows: subtracted from both sides, it leaves distances as they are and rounding errors small. */
  readonly centre: Float64Array;
  /** Squared lengths of the centred rows. */
  readonly norms: Float64Array;
  /** The largest of those lengths, or 1 where all are 0. */
  readonly reach: number;
  /** The centred rows over `reach`, so that no product overflows. */
  readonly scaled: Matrix;
}

export function galleryFrame(gallery: Matrix): GalleryFrame {
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
export function queryDirections(
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
