import { type Matrix, matrix } from "../core/matrix";

/** A vector as it is stored: 32-bit floats, little-endian. */
export function bytesOf({ columns, data }: Matrix, row: number): Uint8Array {
  const { buffer, byteOffset } = data;
  return new Uint8Array(buffer, byteOffset + 4 * row * columns, 4 * columns);
}

/** Copies a stored vector into a row. */
export function setRow({ columns, data }: Matrix, row: number, bytes: Uint8Array): void {
  const target = new Uint8Array(data.buffer, data.byteOffset + 4 * row * columns, 4 * columns);
  if (bytes.byteLength !== target.length) {
    throw new RangeError(`stored vector: expected ${target.length} bytes, got ${bytes.byteLength}`);
  }
  target.set(bytes);
}

/** Stored vectors as rows. */
export function matrixOf(vectors: readonly Uint8Array[], columns: number): Matrix {
  const whole = matrix(vectors.length, columns);
  vectors.forEach((bytes, row) => void setRow(whole, row, bytes));
  return whole;
}
