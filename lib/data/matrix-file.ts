import { type FileHandle, open } from "node:fs/promises";
import { matrix } from "../core/matrix";
import type { MatrixSource } from "../core/matrix-source";
import { decodeFloats } from "./decode-elements";
import { isFloat } from "./element-type";
import { findArray } from "./find-array";
import { nameOf, type StoredArray, shapeText } from "./stored-array";

/** A matrix in a file that stays open, so that a few rows can be read by their position. */
export interface MatrixFile extends MatrixSource {
  readonly array: StoredArray;
  readonly close: () => Promise<void>;
}

/** Opens the 2-d array of floats that `place` names (see findArray), to be read as 32-bit floats. Throws on an empty one. */
export async function openMatrix(place: string): Promise<MatrixFile> {
  const array = findArray(place, {
    fits: ({ shape, type }) => shape.length === 2 && isFloat(type),
    description: "2-d array of floats",
  });
  const [rows = 0, columns = 0] = array.shape;
  const name = nameOf(array);
  if (rows < 1 || columns < 1) throw new RangeError(`${name} is empty, ${shapeText(array.shape)}: 1 x 1 is the least`);
  const file = await open(array.path, "r");
  const readRows = array.columnMajor ? readColumnMajor : readRowMajor;
  return {
    name,
    rows,
    columns,
    array,
    read: async (first, end) => {
      if (!(first >= 0 && first <= end && end <= rows)) {
        throw new RangeError(`${name}: rows ${first} to ${end} of ${rows}`);
      }
      return matrix(end - first, columns, await readRows(file, array, first, end));
    },
    close: () => file.close(),
  };
}

async function readRowMajor(file: FileHandle, array: StoredArray, first: number, end: number): Promise<Float32Array> {
  const rowBytes = (array.shape[1] ?? 0) * array.type.bytes;
  const bytes = await readFully(file, array.path, array.offset + first * rowBytes, (end - first) * rowBytes);
  return decodeFloats(bytes, array.type);
}

/** Fortran's order: one read a column, its values then dealt to the rows. */
async function readColumnMajor(
  file: FileHandle,
  array: StoredArray,
  first: number,
  end: number,
): Promise<Float32Array> {
  const [rows = 0, columns = 0] = array.shape;
  const { bytes: size } = array.type;
  const values = new Float32Array((end - first) * columns);
  for (let column = 0; column < columns; column++) {
    const start = array.offset + (column * rows + first) * size;
    const part = decodeFloats(await readFully(file, array.path, start, (end - first) * size), array.type);
    for (let i = 0, at = column; i < part.length; i++, at += columns) values[at] = part[i] as number;
  }
  return values;
}

/** Linux gives at most 2 GiB in one read. */
const mostAtOnce = 2 ** 30;

/** Bytes start .. start + count - 1 of an open file; throws where it ends before. */
export async function readFully(
  file: FileHandle,
  path: string,
  start: number,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(count - done, mostAtOnce), start + done);
    if (bytesRead === 0) throw new Error(`${path} became shorter while it was read: it ends at byte ${start + done}`);
    done += bytesRead;
  }
  return bytes;
}
