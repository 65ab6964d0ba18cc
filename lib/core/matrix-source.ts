import type { Matrix } from "./matrix";

/** A matrix of 32-bit floats that need not fit in memory: its rows are read when asked for. */
export interface MatrixSource {
  /** What messages call it, such as its file. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Rows first .. end - 1, in memory of their own. */
  readonly read: (first: number, end: number) => Promise<Matrix>;
}

/** Where blocks of `rowsAtOnce` rows begin and end; the last may be shorter. */
export function rowBlocks(rows: number, rowsAtOnce: number, from = 0): readonly (readonly [number, number])[] {
  if (!(Number.isInteger(rowsAtOnce) && rowsAtOnce >= 1)) {
    throw new RangeError(`blocks of ${rowsAtOnce} rows: a whole number of at least 1 is allowed`);
  }
  const count = Math.max(0, Math.ceil((rows - from) / rowsAtOnce));
  return Array.from({ length: count }, (_, k) => {
    const first = from + k * rowsAtOnce;
    return [first, Math.min(first + rowsAtOnce, rows)] as const;
  });
}

/** A matrix in memory as a source: what it gives are views. */
export function memorySource(name: string, { rows, columns, data }: Matrix): MatrixSource {
  return {
    name,
    rows,
    columns,
    read: async (first, end) => ({
      rows: end - first,
      columns,
      data: data.subarray(first * columns, end * columns),
    }),
  };
}

/** A block of rows, and which it begins with. */
interface RowBlock {
  readonly first: number;
  readonly block: Matrix;
}

/** The rows from `from` on in blocks, in order. The next block is being read while its predecessor is used. */
export async function* readAhead(
  source: MatrixSource,
  { rowsAtOnce, from = 0 }: { readonly rowsAtOnce: number; readonly from?: number },
): AsyncGenerator<RowBlock, void, void> {
  const blocks = rowBlocks(source.rows, rowsAtOnce, from);
  const begun = (k: number): Promise<Matrix> | null => {
    const [first, end] = blocks[k] ?? [0, 0];
    const reading = end > first ? source.read(first, end) : null;
    // An error is thrown when it is this block's turn, not before.
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
