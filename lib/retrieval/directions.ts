import { type Matrix, matrix } from "../core/matrix";

/**
 * Every row divided by its Euclidean length: between such rows the order of L2 distances is the order of cosine distances.
 * Throws RangeError on a row of zeros, which has no direction; `name` says whose row it is.
 */
export function directions(source: Matrix, name: string): Matrix {
  const { rows, columns, data } = source;
  const unit = matrix(rows, columns);
  for (let i = 0; i < rows; i++) {
    const length = rowLength(data, i * columns, columns);
    if (length === 0)
      throw new RangeError(`${name} row ${i} is all zeros: cosine distance needs a row of length above 0`);
    for (let c = i * columns; c < (i + 1) * columns; c++) unit.data[c] = (data[c] ?? 0) / length;
  }
  return unit;
}

function rowLength(data: Float32Array, start: number, columns: number): number {
  let sum = 0;
  for (let c = start; c < start + columns; c++) sum += (data[c] ?? 0) ** 2;
  return Math.sqrt(sum);
}
