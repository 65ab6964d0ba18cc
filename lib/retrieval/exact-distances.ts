import { row } from "../core/matrix";
import type { Embeddings } from "./approximate-rows";
import type { ScoreMemory } from "./score-memory";

/** Squared distances of one query to gallery rows, to the bit those of `squaredDistance`. */
export interface ExactDistances {
  /** Of each of `items`, in their order; a view until the next call. */
  readonly of: (query: number, items: Int32Array) => Float64Array;
  /** The same, the nearest first and equal ones in gallery order; puts `items` into that order. */
  readonly ascending: (query: number, items: Int32Array) => Float64Array;
}

/** Rows of larger galleries are copied one by one when they are asked for. */
const mostBytes = 2 ** 30;

/** Distances to up to `most` items at once. Memory: a copy of the gallery, where that has no more than a GiB. */
export function exactDistances(memory: ScoreMemory, { gallery, query }: Embeddings, most: number): ExactDistances {
  const { routines } = memory;
  const { columns } = query;
  const whole = 4 * gallery.data.length <= mostBytes;
  const rows = memory.reserve(whole ? gallery.data.length : columns);
  const [asked, wide] = [memory.reserve(columns), memory.reserve(2 * columns)];
  const list = memory.reserve(most);
  const first = memory.reserve(1);
  const distances = memory.reserve(2 * most);
  if (whole) memory.floats(rows, gallery.data.length).set(gallery.data);
  const of = (index: number, items: Int32Array): Float64Array => {
    memory.floats(asked, columns).set(row(query, index));
    routines.widen(asked, columns, wide);
    memory.integers(list, items.length).set(items);
    if (whole) routines.measure(wide, rows, columns, list, items.length, distances);
    else {
      items.forEach((item, i) => {
        memory.floats(rows, columns).set(row(gallery, item));
        routines.measure(wide, rows, columns, first, 1, distances + 8 * i);
      });
    }
    return memory.doubles(distances, items.length);
  };
  const ascending = (index: number, items: Int32Array): Float64Array => {
    const values = of(index, items);
    routines.sort(distances, list, items.length);
    items.set(memory.integers(list, items.length));
    return values;
  };
  return { of, ascending };
}
