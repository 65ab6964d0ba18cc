import type { QueryScale } from "./block";
import { lowestScore, type ScoreMemory } from "./memory";

/** Room for bins of up to a number of thresholds, and for counting up to a number of scores. */
export interface BinRoom {
  readonly memory: ScoreMemory;
  /** Addresses of the lists that engine/simd reads and writes. */
  readonly scores: number;
  readonly items: number;
  readonly open: number;
  readonly lower: number;
  readonly upper: number;
  readonly counters: number;
  readonly slots: number;
  readonly nearest: number;
}

/**
 * The ranges between ascending thresholds, which are squared distances, for rows of one margin.
 * The range between the first and last threshold is divided into cells 1 to `cells`. Cell 0 holds
 * everything nearer; cell `cells` + 1 catches rounding beyond the end. A cell that touches no
 * threshold is counted as a whole.
 */
export interface Bins {
  readonly room: BinRoom;
  readonly thresholds: number;
  readonly cells: number;
  /** Distance from a threshold within which nothing is decided. */
  readonly slack: number;
  /** Where cell 1 begins and cell `cells` ends. */
  readonly low: number;
  readonly farthest: number;
  readonly perDistance: number;
}

/** Where scores are in the search's memory, and the gallery row of the first. */
interface ScoreRange {
  readonly address: number;
  readonly first: number;
  readonly length: number;
}

const mostCells = 2 ** 15;
const fewestCells = 2 ** 9;
const cellsPerThreshold = 16;

/** Room for bins of up to `mostThresholds` thresholds and ranges of up to `longest` scores. */
export function reserveBins(memory: ScoreMemory, longest: number, mostThresholds: number): BinRoom {
  const { reserve } = memory;
  const [scores, items, open] = [reserve(longest), reserve(longest), reserve(longest)];
  const [lower, upper] = [reserve(mostThresholds), reserve(mostThresholds)];
  const counters = reserve(4 * mostThresholds);
  const [slots, nearest] = [reserve(mostCells + 2), reserve(mostCells + 2)];
  return { memory, scores, items, open, lower, upper, counters, slots, nearest };
}

/**
 * Bins between `thresholds`, at least one, ascending. Their tables are in `room`, so they hold
 * until the next call with that room.
 */
export function binsOf(room: BinRoom, thresholds: Float64Array, margin: number): Bins {
  const { memory, lower, upper, slots, nearest } = room;
  const used = thresholds.length;
  const [least, most] = [thresholds[0] as number, thresholds[used - 1] as number];
  const cells = Math.min(Math.max(2 ** Math.ceil(Math.log2(cellsPerThreshold * used)), fewestCells), mostCells);
  // More than the margin, because places among the cells are rounded to 32 bits.
  const slack = 1.01 * margin + (most - least) * 2 ** -21;
  const low = least - slack;
  const farthest = most + slack;
  const perDistance = cells / (farthest - low);
  const from = memory.floats(lower, used);
  const to = memory.floats(upper, used);
  for (let k = 0; k < used; k++) {
    from[k] = 1 + ((thresholds[k] as number) - slack - low) * perDistance;
    to[k] = 1 + ((thresholds[k] as number) + slack - low) * perDistance;
  }
  // The last cell is open above: a score that falls into it has passed the bound in `countScores`.
  to[used - 1] = Number.POSITIVE_INFINITY;
  memory.routines.fillTable(slots, nearest, cells + 2, lower, upper, used);
  return { room, thresholds: used, cells, slack, low, farthest, perDistance };
}

/**
 * Adds to counts[k] the number of scores between threshold k - 1 and threshold k, and returns the
 * gallery rows of those too close to a threshold to tell: a view until the next call with this
 * room. Leaves out what lies beyond the last threshold and scores of -infinity.
 */
export function countScores(bins: Bins, range: ScoreRange, scale: QueryScale, counts: Uint32Array): Int32Array {
  const { room, thresholds, cells, slack, low, farthest, perDistance } = bins;
  const { memory, scores, items, open, lower, upper, counters, slots, nearest } = room;
  const { keep, count } = memory.routines;
  const { address, first, length } = range;
  const { offset, weight } = scale;
  // Not -infinity in 32 bits, because that is the score of what is removed.
  const bound = Math.max((offset - farthest - 0.2 * slack) / weight, lowestScore);
  const kept = keep(address, length, bound, first, scores, items, 0, length + 16);
  const start = 1 + (offset - low) * perDistance;
  const slope = weight * perDistance;
  const pending = count(
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
    thresholds,
    counters,
    open,
  );
  const counted = memory.integers(counters, thresholds);
  for (let k = 0; k < thresholds; k++) counts[k] = (counts[k] as number) + (counted[k] as number);
  return memory.integers(items, pending);
}
