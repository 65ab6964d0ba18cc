import { wholeNumber } from "./check";

/** A row-major matrix of 32-bit floats, data[row * columns + column]; embeddings are its rows. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/**
 * `data` as a matrix, zeros by default. Throws RangeError on sizes that are no whole numbers, and
 * if its length is not rows x columns.
 */
export function matrix(rows: number, columns: number, data?: Float32Array): Matrix {
  wholeNumber("rows", rows, { least: 0 });
  wholeNumber("columns", columns, { least: 0 });
  if (data === undefined) return { rows, columns, data: new Float32Array(rows * columns) };
  if (data.length !== rows * columns) {
    throw new RangeError(`a ${rows} x ${columns} matrix needs ${rows * columns} values, got ${data.length}`);
  }
  return { rows, columns, data };
}

/** Row `index` as a view. Throws RangeError if there is no such row. */
export function row({ rows, columns, data }: Matrix, index: number): Float32Array {
  if (!Number.isInteger(index) || index < 0 || index >= rows) {
    throw new RangeError(`row ${index} of a matrix of ${rows} rows`);
  }
  return data.subarray(index * columns, (index + 1) * columns);
}

/** Copies the given rows in the given order. */
export function selectRows(source: Matrix, indices: ArrayLike<number>): Matrix {
  const selected = matrix(indices.length, source.columns);
  for (let i = 0; i < indices.length; i++) selected.data.set(row(source, indices[i] ?? -1), i * source.columns);
  return selected;
}
