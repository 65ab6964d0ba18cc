import type { Cells } from "./bin-others";

/** The most cells that any thresholds are cut into. */
export const mostCells: number = 2 ** 15;
const fewestCells = 2 ** 9;
const cellsPerThreshold = 16;

/**
 * Cells for squared distances from the first of the ascending `thresholds` to the last, with room on both sides for approximations
 * that are within `margin`. `buffer`: room for `mostCells`, which the result goes on using.
 */
export function cellsBetween(thresholds: Float64Array, margin: number, buffer: Int32Array): Cells {
  const count = Math.min(
    Math.max(2 ** Math.ceil(Math.log2(cellsPerThreshold * thresholds.length)), fewestCells),
    mostCells,
  );
  // A hundredth more, for the rounding of the cells themselves.
  const slack = 1.01 * margin;
  const low = (thresholds[0] ?? 0) - slack;
  const high = (thresholds[thresholds.length - 1] ?? 0) + slack;
  const scale = count / (high - low);
  const lower = thresholds.map((threshold) => (threshold - slack - low) * scale);
  const upper = thresholds.map((threshold) => (threshold + slack - low) * scale);
  // The last cell is open above: what is found in it was let in by a comparison with `count`.
  upper[upper.length - 1] = Number.POSITIVE_INFINITY;
  return { low, scale, lower, upper, bins: fillBins(lower, upper, buffer.subarray(0, count)) };
}

function fillBins(lower: Float64Array, upper: Float64Array, bins: Int32Array): Int32Array {
  let cell = 0;
  for (let k = 0; k < lower.length; k++) {
    const from = Math.min(Math.floor(lower[k] as number), bins.length);
    const end = Math.min(Math.floor(upper[k] as number) + 1, bins.length);
    while (cell < from) bins[cell++] = k;
    while (cell < end) bins[cell++] = ~k;
  }
  return bins;
}
