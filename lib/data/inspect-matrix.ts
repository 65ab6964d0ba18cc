import { createHash } from "node:crypto";
import type { Matrix } from "../core/matrix";
import { type MatrixSource, readAhead } from "../core/matrix-source";

/** How a source is read through. */
export interface Reading {
  readonly rowsAtOnce: number;
  /** Called after each block with the rows done so far, and the block; may throw to stop. */
  readonly onBlock?: (done: number, block: Matrix) => void;
}

/**
 * Reads all of `source` once; returns a SHA-256 of its values as 32-bit floats, whatever the file stores them as. Throws
 * RangeError where values are NaN or infinite, with how many there are and where the first stands.
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
  throw new RangeError(`${source.name} holds ${values} not finite as 32-bit floats, the first ${place}`);
}

function countNotFinite(values: Float32Array): number {
  let count = 0;
  // Infinity - Infinity is not a number either.
  for (let i = 0; i < values.length; i++) if ((values[i] as number) - (values[i] as number) !== 0) count++;
  return count;
}

function firstPlace({ columns, data }: Matrix, firstRow: number): string {
  const at = data.findIndex((value) => !Number.isFinite(value));
  return `in row ${firstRow + Math.floor(at / columns)}, column ${at % columns} (${data[at]})`;
}
