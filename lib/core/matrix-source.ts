import { wholeNumber } from "./check";
import type { Matrix } from "./matrix";

/** A matrix of 32-bit floats whose rows are read on request, so that it need not fit in memory. */
export interface MatrixSource {
  /** How messages name it, for example by its file. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Rows first .. end - 1, in memory of their own. */
  readonly read: (first: number, end: number) => Promise<Matrix>;
}

/** First row and end of each block of `rowsAtOnce` rows; the last block may be shorter. */
function rowBlocks(rows: number, rowsAtOnce: number, from: number): readonly (readonly [number, number])[] {
  wholeNumber("rowsAtOnce", rowsAtOnce, { least: 1 });
  const count = Math.max(0, Math.ceil((rows - from) / rowsAtOnce));
  return Array.from({ length: count }, (_, k) => {
    const first = from + k * rowsAtOnce;
    return [first, Math.min(first + rowsAtOnce, rows)] as const;
  });
}

/** Consecutive rows, and the index of the first of them. */
interface RowBlock {
  readonly first: number;
  readonly block: Matrix;
}

/** The rows from `from` on, in blocks, in order. The next is read while the last is in use. */
export async function* readAhead(
  source: MatrixSource,
  { rowsAtOnce, from = 0 }: { readonly rowsAtOnce: number; readonly from?: number },
): AsyncGenerator<RowBlock, void, void> {
  const blocks = rowBlocks(source.rows, rowsAtOnce, from);
  const begun = (k: number): Promise<Matrix> | null => {
    const [first, end] = blocks[k] ?? [0, 0];
    const reading = end > first ? source.read(first, end) : null;
    // An error is thrown when this block is due, not before.
    reading?.catch(() => {});
    return reading;
  };
  let next = begun(0);
  for (const [k, [first]] of blocks.entries()) {
    const block = await next;
    next = begun(k + 1);
    if (block !== null) yield { first, block };
  }
}
