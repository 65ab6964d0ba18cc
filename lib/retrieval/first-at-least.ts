/** Index of the first value that is at least `bound`; the length if there is none. */
export function firstAtLeast(ascending: Float64Array | Int32Array, bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
