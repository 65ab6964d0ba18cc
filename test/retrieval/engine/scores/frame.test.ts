import { describe, expect, test } from "vitest";
import { type Matrix, matrix, row } from "../../../../lib/core/matrix";
import { productError, splitRows } from "../../../../lib/retrieval/engine/scores/frame";
import { normalRows } from "../../normal-rows";

/** The distance between neighbouring numbers of 11 significant bits, as TF32 keeps of a factor. */
const unitOf = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);
const cuts = {
  rounded: (value: number) => (value === 0 ? 0 : Math.round(value / unitOf(value)) * unitOf(value)),
  truncated: (value: number) => (value === 0 ? 0 : Math.trunc(value / unitOf(value)) * unitOf(value)),
};

/** The product of cut factors, added up in 32 bits. */
function cutProduct(a: Float32Array, b: Float32Array, cut: (value: number) => number): number {
  return a.reduce((sum, value, c) => Math.fround(sum + Math.fround(cut(value) * cut(b[c] as number))), 0);
}

function exactProduct(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, c) => sum + value * (b[c] as number), 0);
}

/** Every row divided by a little more than its length, so that none is longer than 1. */
function unitRows({ rows, columns, data }: Matrix): Matrix {
  const lengths = Array.from({ length: rows }, (_, i) => Math.hypot(...data.subarray(i * columns, (i + 1) * columns)));
  return matrix(
    rows,
    columns,
    data.map((value, at) => value / ((lengths[Math.floor(at / columns)] as number) * (1 + 2 ** -22))),
  );
}

describe.each(Object.entries(cuts))("products of split rows whose factors are %s to 11 bits", (_, cut) => {
  test.each([1, 2, 7, 64, 513])("keep the bound at %i columns, which plain rows break", (columns) => {
    const cases = [
      [unitRows(normalRows("left", 30, columns)), unitRows(normalRows("right", 30, columns))],
      // Values of one sign and as far as can be from 11 bits: errors add up.
      [constant(columns, 1 + 2 ** -11 - 2 ** -20), constant(columns, 1 + 2 ** -11 - 2 ** -21)],
      [constant(columns, 1 + 2 ** -10 - 2 ** -20), constant(columns, 1 + 2 ** -10 - 2 ** -22)],
    ] as const;
    let worstPlain = 0;
    for (const [a, b] of cases) {
      const [left, right] = [splitRows(a, "high low high"), splitRows(b, "high high low")];
      for (let i = 0; i < a.rows; i++) {
        const exact = exactProduct(row(a, i), row(b, i));
        const error = Math.abs(cutProduct(row(left, i), row(right, i), cut) - exact);
        expect(error).toBeLessThanOrEqual(productError(columns, true));
        worstPlain = Math.max(worstPlain, Math.abs(cutProduct(row(a, i), row(b, i), cut) - exact));
      }
    }
    expect(worstPlain).toBeGreaterThan(productError(columns, true));
  });
});

/** One row of equal values, not longer than 1, with the significant bits of `value`. */
function constant(columns: number, value: number): Matrix {
  const size = 2 ** -Math.ceil(Math.log2(value * Math.sqrt(columns)));
  return matrix(1, columns, new Float32Array(columns).fill(value * size));
}

test("split rows add up to the rows, and their high parts have 11 significant bits", () => {
  const rows = normalRows("sum", 5, 9);
  const split = splitRows(rows, "high low high");
  const other = splitRows(rows, "high high low");
  for (let i = 0; i < 5; i++) {
    const [high, low, again] = [0, 1, 2].map((k) => row(split, i).subarray(9 * k, 9 * (k + 1)));
    expect(again).toEqual(high);
    expect(high?.map((value, c) => value + (low?.[c] as number))).toEqual(row(rows, i));
    expect(high?.map(cuts.rounded)).toEqual(high);
    expect([...row(other, i)]).toEqual([...(high ?? []), ...(high ?? []), ...(low ?? [])]);
  }
});
