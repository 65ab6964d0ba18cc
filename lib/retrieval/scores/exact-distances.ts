import { type Matrix, row } from "../../core/matrix";
import type { ScoreMemory } from "./memory";

/** Squared distances of one query to gallery rows, to the bit those of `squaredDistance`. */
export interface ExactDistances {
  /** Of each of `items`, in their order; a view until the next call. `asked`: the query's values. */
  readonly of: (asked: Float32Array, items: Int32Array) => Float64Array;
  /** The same, the nearest first and equal ones in gallery order; puts `items` into that order. */
  readonly ascending: (asked: Float32Array, items: Int32Array) => Float64Array;
}

/** A gallery whose rows are measured. */
export interface HeldGallery {
  readonly rows: number;
  readonly columns: number;
  /** Where its copy is in the search's memory; null where it has none, which other threads cannot see. */
  readonly address: number | null;
  readonly matrix: Matrix | null;
}

/** Rows of larger galleries are copied one by one when they are asked for. */
const mostBytes = 2 ** 30;

/** Copies the gallery to the memory, where it has no more than a GiB. */
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

/**
 * |a[i] - b[j]|^2 in 64 bits: the number that decides every rank and every tie. A fixed order of additions, so equal rows
 * give equal bits on every machine. The columns must agree; the rows are not checked.
 */
export function squaredDistance(a: Matrix, i: number, b: Matrix, j: number): number {
  const columns = a.columns;
  const left = a.data;
  const right = b.data;
  let p = i * columns;
  let r = j * columns;
  // Four sums, because one would wait for each addition to finish before the next.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const end = p + columns;
  for (; p + 3 < end; p += 4, r += 4) {
    const d0 = (left[p] as number) - (right[r] as number);
    const d1 = (left[p + 1] as number) - (right[r + 1] as number);
    const d2 = (left[p + 2] as number) - (right[r + 2] as number);
    const d3 = (left[p + 3] as number) - (right[r + 3] as number);
    sum0 += d0 * d0;
    sum1 += d1 * d1;
    sum2 += d2 * d2;
    sum3 += d3 * d3;
  }
  for (; p < end; p++, r++) {
    const d = (left[p] as number) - (right[r] as number);
    sum0 += d * d;
  }
  return sum0 + sum1 + (sum2 + sum3);
}
