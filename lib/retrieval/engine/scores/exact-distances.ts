import { row } from "../../../core/matrix";
import type { ScaledRows } from "../../metrics/scaled-rows";
import type { ScoreMemory } from "./memory";

/** Squared distances from one query to gallery rows, bit for bit those of `squaredDistance`. */
export interface ExactDistances {
  /** To each of `items`, in their order; a view until the next call. */
  readonly of: (query: AskedRow, items: Int32Array) => Float64Array;
  /** The same, nearest first and equal ones in gallery order; sorts `items` alike. */
  readonly ascending: (query: AskedRow, items: Int32Array) => Float64Array;
}

/** A query whose distances are measured: its values, each to be multiplied by the factor. */
export interface AskedRow {
  readonly asked: Float32Array;
  readonly factor: number;
}

/** A gallery whose rows are measured. */
export interface HeldGallery {
  readonly rows: number;
  readonly columns: number;
  /** Address of its copy in the search's memory; null if it is too large for a copy. */
  readonly address: number | null;
  /** Address of the rows' factors; 0 if they have none. */
  readonly factors: number;
  /** The gallery itself if it has no copy; other threads cannot see it. */
  readonly matrix: ScaledRows | null;
}

/** The rows of a gallery larger than this are copied one by one when they are asked for. */
const mostBytes = 2 ** 30;

/** Copies the gallery to the memory, unless it is larger than 1 GiB. */
export function holdGallery(memory: ScoreMemory, gallery: ScaledRows): HeldGallery {
  const { rows, columns, data } = gallery;
  const factors = heldFactors(memory, gallery);
  if (4 * data.length > mostBytes) return { rows, columns, address: null, factors, matrix: gallery };
  const address = memory.reserve(data.length);
  memory.floats(address, data.length).set(data);
  return { rows, columns, address, factors, matrix: null };
}

function heldFactors(memory: ScoreMemory, { rows, factors }: ScaledRows): number {
  if (factors === undefined) return 0;
  const address = memory.reserve(2 * rows);
  memory.doubles(address, rows).set(factors);
  return address;
}

/** Distances to up to `most` items at once. */
export function exactDistances(memory: ScoreMemory, gallery: HeldGallery, most: number): ExactDistances {
  const { routines } = memory;
  const { columns, address, factors, matrix } = gallery;
  const [query, single] = [memory.reserve(2 * columns), memory.reserve(columns)];
  const [list, distances, first] = [memory.reserve(most), memory.reserve(2 * most), memory.reserve(1)];
  memory.integers(first, 1).fill(0);
  const of = ({ asked, factor }: AskedRow, items: Int32Array): Float64Array => {
    const values = memory.doubles(query, columns);
    values.set(asked);
    if (factor !== 1) for (let c = 0; c < columns; c++) values[c] = (values[c] as number) * factor;
    memory.integers(list, items.length).set(items);
    if (address !== null) routines.measure(query, address, columns, list, items.length, distances, factors);
    else if (matrix !== null) {
      items.forEach((item, i) => {
        memory.floats(single, columns).set(row(matrix, item));
        const own = factors === 0 ? 0 : factors + 8 * item;
        routines.measure(query, single, columns, first, 1, distances + 8 * i, own);
      });
    }
    return memory.doubles(distances, items.length);
  };
  const ascending = (row: AskedRow, items: Int32Array): Float64Array => {
    const values = of(row, items);
    routines.sort(distances, list, items.length);
    items.set(memory.integers(list, items.length));
    return values;
  };
  return { of, ascending };
}
