import type { QueryScale } from "./block";
import { lowestScore, type ScoreMemory } from "./memory";

/** Where scores are in the search's memory, and the gallery row of the first. */
interface ScoreRange {
  readonly address: number;
  readonly first: number;
  readonly length: number;
}

/** Counts of the scores between one threshold and the next. */
export interface ScoreBins {
  /** Squared distances, ascending, at least one, of rows of that margin; they hold until the next call. */
  readonly setThresholds: (thresholds: Float64Array, margin: number) => void;
  /**
   * Adds to counts[k] how many of the scores are between threshold k - 1 and threshold k, and returns the gallery rows of those too close to a
   * threshold to tell, a view until the next call. Leaves out what lies beyond the last threshold and scores of -infinity.
   */
  readonly count: (range: ScoreRange, scale: QueryScale, counts: Uint32Array) => Int32Array;
}

/** The most cells that any thresholds are cut into. */
const mostCells = 2 ** 15;
const fewestCells = 2 ** 9;
const cellsPerThreshold = 16;

/**
 * Bins for up to `mostThresholds` thresholds and ranges of up to `longest` scores. Distances from the first threshold to the last are cut into
 * cells from 1 to `cells`; cell 0 is all before the first, and one more holds what rounding puts behind the last. A whole cell between two thresholds is counted without a look at them.
 */
export function scoreBins(memory: ScoreMemory, longest: number, mostThresholds: number): ScoreBins {
  const { routines, reserve } = memory;
  const [scores, items, open] = [reserve(longest), reserve(longest), reserve(longest)];
  const [lower, upper] = [reserve(mostThresholds), reserve(mostThresholds)];
  const counters = reserve(4 * mostThresholds);
  const [slots, nearest] = [reserve(mostCells + 2), reserve(mostCells + 2)];
  let used = 0;
  let cells = 0;
  let slack = 0;
  let low = 0;
  let farthest = 0;
  let perDistance = 0;
  return {
    setThresholds: (thresholds, margin) => {
      used = thresholds.length;
      cells = Math.min(Math.max(2 ** Math.ceil(Math.log2(cellsPerThreshold * used)), fewestCells), mostCells);
      // More than the margin, for places among the cells are rounded to 32 bits.
      slack = 1.01 * margin + ((thresholds[used - 1] as number) - (thresholds[0] as number)) * 2 ** -21;
      low = (thresholds[0] as number) - slack;
      farthest = (thresholds[used - 1] as number) + slack;
      perDistance = cells / (farthest - low);
      const from = memory.floats(lower, used);
      const to = memory.floats(upper, used);
      for (let k = 0; k < used; k++) {
        from[k] = 1 + ((thresholds[k] as number) - slack - low) * perDistance;
        to[k] = 1 + ((thresholds[k] as number) + slack - low) * perDistance;
      }
      // The last cell is open above: what is found in it was let in by its score.
      to[used - 1] = Number.POSITIVE_INFINITY;
      routines.fillTable(slots, nearest, cells + 2, lower, upper, used);
    },
    count: ({ address, first, length }, { offset, weight }, counts) => {
      // Not -infinity in 32 bits: what is taken out has that score.
      const bound = Math.max((offset - farthest - 0.2 * slack) / weight, lowestScore);
      const kept = routines.keep(address, length, bound, first, scores, items, 0, length + 16);
      const start = 1 + (offset - low) * perDistance;
      const slope = weight * perDistance;
      const pending = routines.count(
        scores,
        items,
        kept,
        start,
        slope,
        cells + 1,
        slots,
        nearest,
        lower,
        upper,
        used,
        counters,
        open,
      );
      const counted = memory.integers(counters, used);
      for (let k = 0; k < used; k++) counts[k] = (counts[k] as number) + (counted[k] as number);
      return memory.integers(items, pending);
    },
  };
}
