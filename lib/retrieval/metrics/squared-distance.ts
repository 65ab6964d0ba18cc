import { factorOf, type ScaledRows } from "./scaled-rows";

/**
 * |a[i] - b[j]|^2 in 64 bits: the number that decides every rank and every tie. The order of
 * additions is fixed, so equal rows give equal bits on every machine. Rows with factors stand for
 * their multiples. The columns must agree; the rows are not checked.
 */
export function squaredDistance(a: ScaledRows, i: number, b: ScaledRows, j: number): number {
  const columns = a.columns;
  const left = a.data;
  const right = b.data;
  const f = factorOf(a, i);
  const g = factorOf(b, j);
  let p = i * columns;
  let r = j * columns;
  // Four sums, because a single one would wait for each addition to finish before the next.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const end = p + columns;
  for (; p + 3 < end; p += 4, r += 4) {
    const d0 = (left[p] as number) * f - (right[r] as number) * g;
    const d1 = (left[p + 1] as number) * f - (right[r + 1] as number) * g;
    const d2 = (left[p + 2] as number) * f - (right[r + 2] as number) * g;
    const d3 = (left[p + 3] as number) * f - (right[r + 3] as number) * g;
    sum0 += d0 * d0;
    sum1 += d1 * d1;
    sum2 += d2 * d2;
    sum3 += d3 * d3;
  }
  for (; p < end; p++, r++) {
    const d = (left[p] as number) * f - (right[r] as number) * g;
    sum0 += d * d;
  }
  return sum0 + sum1 + (sum2 + sum3);
}
