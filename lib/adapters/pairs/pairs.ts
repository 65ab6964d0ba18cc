import { unexpected } from "../../core/check";
import { type Matrix, matrix, selectRows } from "../../core/matrix";
import type { MatrixSource } from "../../core/matrix-source";
import { random } from "../../core/random";
import { allViews } from "../../training/transformation-data";

/**
 * The same items in two embedding spaces, row by row: `from` is mapped to `to`, perhaps with the
 * help of `side`, the side-information stored with each item.
 */
export interface Pairs {
  readonly from: MatrixSource;
  readonly side: MatrixSource | null;
  readonly to: MatrixSource;
}

/** Rows to learn from and rows held out, both ascending. */
export interface RowSplit {
  readonly learned: Int32Array;
  readonly heldOut: Int32Array;
}

/** The fewest pairs that an adapter is learned from, and the fewest items that these are of. */
const fewestPairs = 20;
const fewestItems = 15;

/** Throws RangeError unless all sides have the same rows, and enough of them. */
export function requirePairs({ from, side, to }: Pairs): void {
  for (const other of side === null ? [to] : [side, to]) {
    if (other.rows === from.rows) continue;
    throw unexpected(`rows of ${other.name}`, `${from.rows} for the items of ${from.name}`, other.rows);
  }
  if (from.rows < fewestPairs) throw unexpected("pairs", `at least ${fewestPairs}`, from.rows);
}

/** How many rows are held out, and which belong to one item. */
interface SplitOptions {
  readonly heldOut: number;
  readonly seed: number;
  /** Rows of each item: the first of all items come first, then the second, and so on. */
  readonly views: number;
}

/**
 * The rows that are held out, drawn by the seed: all views of at least 5 items, and 10 items stay
 * to learn from. Throws RangeError on fewer items, or unless all have equally many views.
 */
export function rowSplit(rows: number, { heldOut, seed, views }: SplitOptions): RowSplit {
  const items = rows / views;
  if (!Number.isInteger(items)) throw unexpected("pairs", `a multiple of the ${views} views of an item`, rows);
  if (items < fewestItems) throw unexpected("items of the pairs", `at least ${fewestItems}`, items);
  const count = Math.min(items - 10, Math.max(5, Math.round(heldOut * items)));
  const order = random(seed, "held-out pairs").permutation(items);
  const [chosen, others] = [order.slice(0, count).sort(), order.slice(count).sort()];
  return { heldOut: allViews(chosen, { items, views }), learned: allViews(others, { items, views }) };
}

/** Rows of a source in the given order. */
export async function rowsOf(source: MatrixSource | MemorySource, rows: Int32Array): Promise<Matrix> {
  if ("matrix" in source) return selectRows(source.matrix, rows);
  const found = matrix(rows.length, source.columns);
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    const part = [...rows.subarray(start, start + rowsAtOnce)];
    const read = await Promise.all(part.map((row) => source.read(row, row + 1)));
    read.forEach(({ data }, i) => {
      found.data.set(data, (start + i) * source.columns);
    });
  }
  return found;
}

const rowsAtOnce = 256;

/** A source that lies in memory, whose rows need not be read one by one. */
interface MemorySource extends MatrixSource {
  readonly matrix: Matrix;
}

/** A matrix as a source; reading copies nothing. */
export function matrixSource(name: string, whole: Matrix): MatrixSource {
  const { rows, columns, data } = whole;
  const read = (first: number, end: number): Matrix =>
    matrix(end - first, columns, data.subarray(first * columns, end * columns));
  const source: MemorySource = { name, rows, columns, matrix: whole, read: async (first, end) => read(first, end) };
  return source;
}

/** Both inputs of an adapter in some rows. */
export interface Inputs {
  readonly old: Matrix;
  readonly side: Matrix;
}

/**
 * Both inputs in the given rows. Without side-information, the old embedding takes its place; a
 * linear h takes the old embedding alone.
 */
export async function inputsAt({ from, side }: Pairs, rows: Int32Array, isLinear: boolean): Promise<Inputs> {
  const old = await rowsOf(from, rows);
  if (side !== null) return { old, side: await rowsOf(side, rows) };
  return { old, side: isLinear ? matrix(rows.length, 0) : old };
}
