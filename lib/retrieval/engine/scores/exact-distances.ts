import { type Matrix, row } from "../../../core/matrix";
import type { ScoreMemory } from "./memory";

/** Squared distances from one query to gallery rows, bit for bit those of `squaredDistance`. */
export interface ExactDistances {
  /**
   * To each of `items`, in their order; a view until the next call. `asked`: the query's values.
   */
  readonly of: (asked: Float32Array, items: Int32Array) => Float64Array;
  /** The same, nearest first and equal ones in gallery order; sorts `items` alike. */
  readonly ascending: (asked: Float32Array, items: Int32Array) => Float64Array;
}

/** A gallery whose rows are measured. */
export interface HeldGallery {
  readonly rows: number;
  readonly columns: number;
  /** Address of its copy in the search's memory; null if it is too large for a copy. */
  readonly address: number | null;
  /** The gallery itself if it has no copy; other threads cannot see it. */
  readonly matrix: Matrix | null;
}

/** The rows of a gallery larger than this are copied one by one when they are asked for. */
const mostBytes = 2 ** 30;

/** Copies the gallery to the memory, unless it is larger than 1 GiB. */
export function holdGallery(memory: ScoreMemory, gallery: Matrix): HeldGallery {
  const { rows, columns, data } = gallery;
  if (4 * data.length > mostBytes) return { rows, columns, address: null, matrix: gallery };
  const address = memory.reserve(data.length);
  memory.floats(address, data.length).set(data);
  return { rows, columns, address, matrix: null };
}

/** Distances to up to `most` items at once. */
export function exactDistances(memory: ScoreMemory, gallery: HeldGallery, most: number): ExactDistances {
  const { routines } = memory;
  const { columns, address, matrix } = gallery;
  const [query, single] = [memory.reserve(2 * columns), memory.reserve(columns)];
  const [list, distances, first] = [memory.reserve(most), memory.reserve(2 * most), memory.reserve(1)];
  memory.integers(first, 1).fill(0);
  const of = (asked: Float32Array, items: Int32Array): Float64Array => {
    memory.doubles(query, columns).set(asked);
    memory.integers(list, items.length).set(items);
    if (address !== null) routines.measure(query, address, columns, list, items.length, distances);
    else if (matrix !== null) {
      items.forEach((item, i) => {
        memory.floats(single, columns).set(row(matrix, item));
        routines.measure(query, single, columns, first, 1, distances + 8 * i);
      });
    }
    return memory.doubles(distances, items.length);
  };
  const ascending = (asked: Float32Array, items: Int32Array): Float64Array => {
    const values = of(asked, items);
    routines.sort(distances, list, items.length);
    items.set(memory.integers(list, items.length));
    return values;
  };
  return { of, ascending };
}
