/** Cuts the distances norms[j] - weight * products[j] into cells: cell (distance - low) * scale. */
export interface Cells {
  readonly low: number;
  readonly scale: number;
  /** In cells, ascending: from lower[k] to upper[k] the rounding leaves open on which side of threshold k a distance is. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Bin k where a whole cell lies between threshold k - 1 and k; ~k where it touches thresholds, k being the first of them. */
  readonly bins: Int32Array;
}

/** A row of approximate distances. */
export interface Distances {
  readonly products: Float32Array;
  readonly norms: Float64Array;
  readonly weight: number;
}

/**
 * Counts in counts[k] the items between threshold k - 1 and threshold k; writes those too close to a threshold to `undecided` and
 * returns how many. Leaves out items beyond the last threshold and those whose product is -infinity.
 */
export function binOthers(
  { products, norms, weight }: Distances,
  { low, scale, lower, upper, bins }: Cells,
  counts: Uint32Array,
  undecided: Int32Array,
): number {
  const cells = bins.length;
  const slope = weight * scale;
  const start = low * scale;
  let below = 0;
  let pending = 0;
  for (let j = 0; j < products.length; j++) {
    const cell = (norms[j] as number) * scale - slope * (products[j] as number) - start;
    // Not `cell >= cells`: 0 * -infinity is not a number, and is to be left out as well.
    if (!(cell < cells)) continue;
    if (cell < 0) {
      below++;
      continue;
    }
    let bin = bins[cell | 0] as number;
    if (bin < 0) {
      bin = ~bin;
      while (cell > (upper[bin] as number)) bin++;
      if (cell >= (lower[bin] as number)) {
        undecided[pending++] = j;
        continue;
      }
    }
    counts[bin] = (counts[bin] as number) + 1;
  }
  counts[0] = (counts[0] as number) + below;
  return pending;
}
