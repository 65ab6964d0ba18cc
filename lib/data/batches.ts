import { wholeNumber } from "../core/check";
import type { Random } from "../core/random";

/**
 * The batches of one epoch: 0 .. count - 1 shuffled and cut. The last batch may be smaller, but a
 * single item, whose batch statistics would say nothing, joins the batch before it, which then has
 * batchSize + 1.
 */
export function epochBatches({
  count,
  batchSize,
  random,
}: {
  readonly count: number;
  readonly batchSize: number;
  readonly random: Random;
}): readonly Int32Array[] {
  return cut(random.permutation(count), batchBounds(count, batchSize));
}

function batchBounds(count: number, batchSize: number): readonly number[] {
  const starts = batchStarts(count, batchSize);
  const joined = count % batchSize === 1 && starts.length > 1;
  return [...(joined ? starts.slice(0, -1) : starts), count];
}

/** The sizes of these batches. */
export function batchSizes(count: number, batchSize: number): readonly number[] {
  const cutIn = batchBounds(count, batchSize);
  return cutIn.slice(1).map((bound, i) => bound - (cutIn[i] as number));
}

/** 0 .. count - 1 in order, cut into batches of batchSize and a smaller last one. */
export function orderedBatches(count: number, batchSize: number): readonly Int32Array[] {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  return cut(order, [...batchStarts(count, batchSize), count]);
}

function batchStarts(count: number, batchSize: number): readonly number[] {
  wholeNumber("count", count, { least: 1 });
  wholeNumber("batch size", batchSize, { least: 1 });
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, i) => i * batchSize);
}

function cut(order: Int32Array, bounds: readonly number[]): readonly Int32Array[] {
  return bounds.slice(0, -1).map((start, i) => order.slice(start, bounds[i + 1]));
}
