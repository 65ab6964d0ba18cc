import { createHash } from "node:crypto";
import { countNotFinite } from "../core/check";
import { InputError } from "../core/input-error";
import { type Matrix, matrix } from "../core/matrix";
import { type MatrixSource, readAhead } from "../core/matrix-source";
import { isFloat } from "./element-type";
import { findArray, type Wanted } from "./find-array";
import { npzArray } from "./npz";
import { shardedMatrix } from "./sharded-matrix";
import { shardsAt } from "./shards";
import { type MatrixFile, openStored } from "./stored-matrix";
import { tableAt } from "./tables/table-at";
import { tableMatrix } from "./tables/vectors";

/**
 * Opens a matrix to be read in blocks of rows; `place` as readMatrix takes it. Values of other
 * types are read as 32-bit floats. A folder or a pattern, as shardPlaces takes them, is one matrix
 * in several files. Throws InputError if an array is empty.
 */
export async function openMatrix(place: string): Promise<MatrixFile> {
  const shards = shardsAt(place);
  if (shards !== null) return openMatrices(place, shards);
  const table = await tableAt(place);
  if (table !== null) return { ...(await tableMatrix(table, table.selector)), path: table.path };
  const packed = await npzArray(place, wanted);
  return packed === null ? openStored(findArray(place, wanted)) : packed;
}

/** Several files as one matrix, which messages call `name`; one is opened as it is. */
export function openMatrices(name: string, places: readonly string[]): Promise<MatrixFile> {
  const [only, ...others] = places;
  return only !== undefined && others.length === 0 ? openMatrix(only) : shardedMatrix(name, places, openMatrix);
}

/** The number of rows of a matrix, of which as little as possible is read. */
export async function matrixRows(place: string): Promise<number> {
  const table = await tableAt(place);
  if (table?.count !== undefined) return table.count;
  return withMatrices([place], async ({ rows }) => rows);
}

const wanted: Wanted = {
  fits: ({ shape, type }) => shape.length === 2 && isFloat(type),
  mayFit: ({ shape }) => shape.length === 2,
  description: "2-d array of numbers",
};

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
 * The matrix that `place` names, whole: an NPY file, an array in a safetensors or NPZ file
 * ("file.npz#name" where there are several), or columns of a CSV or Parquet file ("file.csv#name",
 * "file.csv#first:last"), or several files, as openMatrix takes them. Throws InputError if it is
 * damaged, empty or not finite.
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
