import type { FileHandle } from "node:fs/promises";
import { openFileHandle, readFully } from "../core/input/open-file";
import { InputError } from "../core/input-error";
import { matrix } from "../core/matrix";
import type { MatrixSource } from "../core/matrix-source";
import { decodeNumbers } from "./element-type";
import { nameOf, type StoredArray, shapeText } from "./stored-array";

/** A matrix in a file that stays open, so that any of its rows can be read. */
export interface MatrixFile extends MatrixSource {
  /** The path of the file, without an array's name; of several files the place that names them. */
  readonly path: string;
  /** The files that hold it together; absent if it is one. */
  readonly shards?: readonly { readonly file: MatrixFile; readonly first: number }[];
  readonly close: () => Promise<void>;
}

/** Reads bytes first .. first + count - 1 of what an array lies in. */
type ReadBytes = (first: number, count: number) => Promise<Uint8Array<ArrayBuffer>>;

/** Opens the file of an array to read its rows. Throws InputError if the array is empty. */
export async function openStored(array: StoredArray): Promise<MatrixFile> {
  requireRows(array);
  const file: FileHandle = await openFileHandle(array.path);
  const read: ReadBytes = (first, count) => readFully(file, array.path, first, count);
  return storedMatrix(array, read, () => file.close());
}

/** The matrix in an array whose bytes `read` gives. Throws InputError if the array is empty. */
export function storedMatrix(array: StoredArray, readBytes: ReadBytes, close: () => Promise<void>): MatrixFile {
  requireRows(array);
  const [rows = 0, columns = 0] = array.shape;
  const name = nameOf(array);
  const readRows = array.columnMajor ? readColumnMajor : readRowMajor;
  return {
    name,
    rows,
    columns,
    path: array.path,
    read: async (first, end) => {
      if (!(first >= 0 && first <= end && end <= rows)) {
        throw new RangeError(`${name}: rows ${first} to ${end} of ${rows}`);
      }
      return matrix(end - first, columns, await readRows(readBytes, array, first, end));
    },
    close,
  };
}

function requireRows(array: StoredArray): void {
  const [rows = 0, columns = 0] = array.shape;
  if (rows >= 1 && columns >= 1) return;
  throw new InputError({ file: nameOf(array), fault: `is empty, ${shapeText(array.shape)}: 1 x 1 is the least` });
}

async function readRowMajor(read: ReadBytes, array: StoredArray, first: number, end: number): Promise<Float32Array> {
  const rowBytes = (array.shape[1] ?? 0) * array.type.bytes;
  return decodeNumbers(await read(array.offset + first * rowBytes, (end - first) * rowBytes), array.type);
}

/** Fortran's order: reads column by column and transposes. */
async function readColumnMajor(read: ReadBytes, array: StoredArray, first: number, end: number): Promise<Float32Array> {
  const [rows = 0, columns = 0] = array.shape;
  const { bytes: size } = array.type;
  const values = new Float32Array((end - first) * columns);
  for (let column = 0; column < columns; column++) {
    const start = array.offset + (column * rows + first) * size;
    const part = decodeNumbers(await read(start, (end - first) * size), array.type);
    for (let i = 0, at = column; i < part.length; i++, at += columns) values[at] = part[i] as number;
  }
  return values;
}
