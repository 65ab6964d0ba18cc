import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { countNotFinite } from "../core/check";
import { openFileHandle } from "../core/input/open-file";
import { InputError } from "../core/input-error";
import { type Matrix, matrix } from "../core/matrix";
import { type MatrixSource, readAhead } from "../core/matrix-source";
import { decodeFloats, decodeIntegers, isFloat, numbered } from "./element-type";
import { findArray } from "./find-array";
import { nameOf, readFully, type StoredArray, shapeText, sizeInBytes } from "./stored-array";

/** A matrix in a file that stays open, so that any of its rows can be read. */
export interface MatrixFile extends MatrixSource {
  readonly array: StoredArray;
  readonly close: () => Promise<void>;
}

/**
 * Opens a matrix to be read in blocks of rows; `place` as readMatrix takes it. Values of other
 * precisions are read as 32-bit floats. Throws InputError if the array is empty.
 */
export async function openMatrix(place: string): Promise<MatrixFile> {
  const array = findArray(place, {
    fits: ({ shape, type }) => shape.length === 2 && isFloat(type),
    description: "2-d array of floats",
  });
  const [rows = 0, columns = 0] = array.shape;
  const name = nameOf(array);
  if (rows < 1 || columns < 1) {
    throw new InputError({ file: name, fault: `is empty, ${shapeText(array.shape)}: 1 x 1 is the least` });
  }
  const file = await openFileHandle(array.path);
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

/** Fortran's order: reads column by column and transposes. */
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

/** Calls `use` with the matrices that `places` name, open meanwhile; equal places are one file. */
export async function withMatrices<const P extends readonly string[], T>(
  places: P,
  use: (...files: { [K in keyof P]: MatrixFile }) => Promise<T>,
): Promise<T> {
  const open = new Map<string, MatrixFile>();
  try {
    for (const place of new Set(places)) open.set(place, await openMatrix(place));
    return await use(...(places.map((place) => open.get(place)) as { [K in keyof P]: MatrixFile }));
  } finally {
    for (const file of open.values()) await file.close();
  }
}

/**
 * The matrix that `place` names, whole: an NPY file, a safetensors file with a single 2-d array of
 * floats, or "file.safetensors#name". Throws InputError if it is damaged, empty or not finite.
 */
export function readMatrix(place: string): Promise<Matrix> {
  return withMatrices([place], async (file) => {
    const whole = matrix(file.rows, file.columns);
    const rowsAtOnce = Math.max(1, Math.floor(bytesAtOnce / (4 * file.columns)));
    const onBlock = (done: number, block: Matrix): void => {
      whole.data.set(block.data, (done - block.rows) * file.columns);
    };
    await inspectMatrix(file, { rowsAtOnce, onBlock });
    return whole;
  });
}

const bytesAtOnce = 8 * 2 ** 20;

/** How a source is read. */
interface Reading {
  readonly rowsAtOnce: number;
  /**
   * Called after each block with the number of rows read so far, and the block; may throw to stop.
   */
  readonly onBlock?: (done: number, block: Matrix) => void;
}

/**
 * Reads `source` once and returns the SHA-256 of its values as 32-bit floats, whatever type the
 * file stores. Throws InputError if values are NaN or infinite, with their number and the first
 * position.
 */
export async function inspectMatrix(source: MatrixSource, { rowsAtOnce, onBlock }: Reading): Promise<string> {
  const hash = createHash("sha256");
  let count = 0;
  let place = "";
  for await (const { first, block } of readAhead(source, { rowsAtOnce })) {
    const wrong = countNotFinite(block.data);
    if (wrong > 0 && count === 0) place = firstPlace(block, first);
    count += wrong;
    hash.update(new Uint8Array(block.data.buffer, block.data.byteOffset, block.data.byteLength));
    onBlock?.(first + block.rows, block);
  }
  if (count === 0) return hash.digest("hex");
  const values = count === 1 ? "1 value that is" : `${count} values that are`;
  throw new InputError({ file: source.name, fault: `holds ${values} not finite as 32-bit floats, the first ${place}` });
}

function firstPlace({ columns, data }: Matrix, firstRow: number): string {
  const at = data.findIndex((value) => !Number.isFinite(value));
  return `in row ${firstRow + Math.floor(at / columns)}, column ${at % columns} (${data[at]})`;
}

/** Labels that were found in a file but not read yet: how messages name them, and their number. */
export interface FoundLabels {
  readonly name: string;
  readonly count: number;
}

/**
 * The labels in the 1-d array of whole numbers or truth values that `place` names, as readMatrix.
 * `accept` is told of them before they are read, and may throw. Throws InputError if the array is
 * empty or a label is beyond 2^53.
 */
export async function readLabels(
  place: string,
  accept: (found: FoundLabels) => void = () => {},
): Promise<Float64Array> {
  const array = findArray(place, {
    fits: ({ shape, type }) => shape.length === 1 && !isFloat(type),
    description: "1-d array of whole numbers",
    remedy: ({ shape, type }) => {
      if (isFloat(type)) return "save labels.astype(np.int64).ravel()";
      if (shape.length === 2 && shape[1] !== 1) return "save the class of each row, labels.argmax(axis=1) if one-hot";
      return "save labels.ravel()";
    },
  });
  const name = nameOf(array);
  const [count = 0] = array.shape;
  if (count === 0) throw new InputError({ file: name, fault: "is empty: one label for each row is needed" });
  accept({ name, count });
  return labelsIn(array);
}

async function labelsIn(array: StoredArray): Promise<Float64Array> {
  const file = await openFileHandle(array.path);
  try {
    const size = sizeInBytes(array.path, array.shape, array.type);
    const labels = decodeIntegers(await readFully(file, array.path, array.offset, size), array.type);
    const at = labels.findIndex((label) => !Number.isSafeInteger(label));
    if (at < 0) return labels;
    throw new InputError({
      file: nameOf(array),
      place: `label ${at}`,
      fault: `is about ${labels[at]}: labels within 2^53 of 0 are allowed`,
      remedy: numbered,
    });
  } finally {
    await file.close();
  }
}
