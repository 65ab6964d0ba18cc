import { type Matrix, matrix } from "../../core/matrix";
import { readAhead } from "../../core/matrix-source";
import { type DoubleMatrix, doubleMatrix, doubleProduct } from "../../tf/graph/doubles";
import type { Pairs } from "./pairs";

/**
 * What closed forms need to know of pairs: means, and covariances times the number of rows, in 64
 * bits. `inputs` are the old embedding and the side-information side by side.
 */
export interface Moments {
  readonly count: number;
  /** Dimensions of the old embedding, and of the inputs together. */
  readonly from: number;
  readonly inputs: number;
  /** Means of inputs and outputs: [inputs + outputs]. */
  readonly means: Float64Array;
  /** Sums of products of deviations from the means: [inputs + outputs] squared. */
  readonly products: DoubleMatrix;
}

/** Is told the number of rows that have been read. */
type OnRows = (rows: number) => void;

const bytesAtOnce = 16 * 2 ** 20;

/**
 * The moments of the pairs in `rows` and of the others, for which the pairs are read once from
 * beginning to end. A closed form has side-information only if it is given.
 */
export async function momentsOf(
  pairs: Pairs,
  rows: Int32Array,
  onRows: OnRows,
): Promise<{ readonly chosen: Moments; readonly others: Moments }> {
  const sources = pairs.side === null ? [pairs.from, pairs.to] : [pairs.from, pairs.side, pairs.to];
  const columns = sources.reduce((sum, source) => sum + source.columns, 0);
  const rowsAtOnce = Math.max(64, Math.floor(bytesAtOnce / (4 * columns)));
  const isChosen = new Uint8Array(pairs.from.rows);
  for (const row of rows) isChosen[row] = 1;
  const sums = [emptySums(columns), emptySums(columns)];
  const readers = sources.map((source) => readAhead(source, { rowsAtOnce }));
  for (let first = 0; first < pairs.from.rows; first += rowsAtOnce) {
    const blocks: Matrix[] = [];
    for (const reader of readers) blocks.push(blockOf(await reader.next()));
    const joined = sideBySide(blocks, columns);
    for (const chosen of [0, 1]) add(sums[chosen] as Sums, joined, (i) => isChosen[first + i] === chosen);
    onRows(first + joined.rows);
  }
  const inputs = columns - pairs.to.columns;
  const [others, chosen] = sums.map((sum) => centred(sum, { from: pairs.from.columns, inputs })) as [Moments, Moments];
  return { chosen, others };
}

function blockOf({ value }: IteratorResult<{ readonly block: Matrix }, void>): Matrix {
  if (value === undefined) throw new Error("a source of pairs ended before the others");
  return value.block;
}

function sideBySide(blocks: readonly Matrix[], columns: number): Matrix {
  const rows = blocks[0]?.rows ?? 0;
  const joined = matrix(rows, columns);
  let offset = 0;
  for (const block of blocks) {
    for (let i = 0; i < rows; i++) {
      joined.data.set(block.data.subarray(i * block.columns, (i + 1) * block.columns), i * columns + offset);
    }
    offset += block.columns;
  }
  return joined;
}

/** Sums of rows and of their products, taken from a row near which all others lie. */
interface Sums {
  count: number;
  origin: Float64Array | null;
  readonly values: Float64Array;
  readonly products: Float64Array;
}

function emptySums(columns: number): Sums {
  const products = new Float64Array(columns * columns);
  return { count: 0, origin: null, values: new Float64Array(columns), products };
}

function add(sums: Sums, { rows, columns, data }: Matrix, isWanted: (row: number) => boolean): void {
  const wanted = Array.from({ length: rows }, (_, i) => i).filter(isWanted);
  const [first] = wanted;
  if (first === undefined) return;
  // Deviations from a row of the data keep the products from losing digits where means are large.
  sums.origin ??= Float64Array.from(data.subarray(first * columns, (first + 1) * columns));
  const { origin } = sums;
  const value = (i: number, c: number): number =>
    (data[(wanted[i] as number) * columns + c] as number) - (origin[c] as number);
  const block = doubleMatrix(wanted.length, columns, value);
  for (let i = 0; i < block.data.length; i++) {
    sums.values[i % columns] = (sums.values[i % columns] as number) + (block.data[i] as number);
  }
  const products = doubleProduct(block, block, { left: true }).data;
  for (let i = 0; i < products.length; i++) sums.products[i] = (sums.products[i] as number) + (products[i] as number);
  sums.count += wanted.length;
}

function centred({ count, origin, values, products }: Sums, sizes: Pick<Moments, "from" | "inputs">): Moments {
  const columns = values.length;
  const mean = (c: number): number => (values[c] as number) / Math.max(1, count);
  const product = (i: number, j: number): number => (products[i * columns + j] as number) - count * mean(i) * mean(j);
  return {
    count,
    ...sizes,
    means: values.map((_, c) => mean(c) + (origin?.[c] ?? 0)),
    products: doubleMatrix(columns, columns, product),
  };
}

/** Rows and columns of `products` from one place to another. */
export function productsOf(
  { products }: Moments,
  rows: readonly [number, number],
  columns: readonly [number, number],
): DoubleMatrix {
  const value = (i: number, j: number): number =>
    products.data[(rows[0] + i) * products.columns + columns[0] + j] as number;
  return doubleMatrix(rows[1] - rows[0], columns[1] - columns[0], value);
}
