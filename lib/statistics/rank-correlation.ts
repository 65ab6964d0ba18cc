/**
 * Spearman's rank correlation of two lists of equal length: Pearson's of their ranks, of which
 * equal values share the mean. NaN if a list does not vary.
 */
export function rankCorrelation(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [a, b] = [ranks(first), ranks(second)];
  const mean = (a.length - 1) / 2;
  const product = (x: Float64Array, y: Float64Array): number =>
    x.reduce((sum, rank, i) => sum + (rank - mean) * ((y[i] as number) - mean), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** The place of each value in ascending order, from 0. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from(values, (_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const found = new Float64Array(order.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (const item of order.subarray(from, to)) found[item] = (from + to - 1) / 2;
    from = to;
  }
  return found;
}
