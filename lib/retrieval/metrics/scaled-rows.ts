import { type Matrix, selectRows } from "../../core/matrix";

/**
 * Rows of which each stands for itself times a factor, in 64 bits. Without factors they stand for
 * themselves.
 */
export interface ScaledRows extends Matrix {
  readonly factors?: Float64Array;
}

/** The factor of a row. */
export function factorOf({ factors }: ScaledRows, index: number): number {
  return factors === undefined ? 1 : (factors[index] as number);
}

/** Copies the given rows in the given order, with their factors. */
export function selectScaledRows(source: ScaledRows, indices: Int32Array): ScaledRows {
  const rows = selectRows(source, indices);
  if (source.factors === undefined) return rows;
  return { ...rows, factors: Float64Array.from(indices, (index) => factorOf(source, index)) };
}
