import { crc32 } from "../core/input/crc32";
import { InputError } from "../core/input-error";
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

/** The checksum that is stored beside a vector, its CRC-32; null for none. */
export function checksumOf(bytes: Uint8Array): number;
export function checksumOf(bytes: Uint8Array | null): number | null;
export function checksumOf(bytes: Uint8Array | null): number | null {
  return bytes === null ? null : crc32(bytes);
}

/** A stored vector, or side-information, with its checksum. */
interface Checked {
  readonly id: string;
  readonly bytes: Uint8Array | null;
  readonly checksum: number | null;
}

/** What is wrong with stored bytes; null if they are those that were stored. */
export function damageOf({ bytes, checksum }: Omit<Checked, "id">, what: string): string | null {
  return checksumOf(bytes) === checksum ? null : `its ${what} is not the one that was stored: the checksums differ`;
}

/** Throws InputError, naming the item, unless the bytes are those that were stored. */
export function requireIntact(path: string, { id, ...stored }: Checked, what: string = "vector"): void {
  const fault = damageOf(stored, what);
  if (fault === null) return;
  const remedy = 'remove it and add it again; "fct gallery status --verify" names all such items';
  throw new InputError({ file: path, place: `item "${id}"`, fault, remedy });
}
