import type { Random } from "../core/random";

/**
 * The batches of one epoch: 0 .. count - 1 shuffled and cut. The smaller batch at the end is kept unless `dropLast`; if it had a single
 * item, whose batch statistics say nothing, that item joins the batch before it, which then has batchSize + 1.
 */
export function epochBatches({
  count,
  batchSize,
  random,
  dropLast = false,
}: {
  readonly count: number;
  readonly batchSize: number;
  readonly random: Random;
  readonly dropLast?: boolean;
}): readonly Int32Array[] {
  checkSizes(count, batchSize);
  if (dropLast && count < batchSize) {
    throw new RangeError(
      `dropping the last batch of ${count} items leaves nothing: batch size ${batchSize}, ${count} or less is allowed`,
    );
  }
  return cut(random.permutation(count), batchStarts(count, batchSize, dropLast));
}

/** 0 .. count - 1 in order, cut into batches of batchSize and a smaller last one: nothing is dropped or joined. */
export function orderedBatches(count: number, batchSize: number): readonly Int32Array[] {
  checkSizes(count, batchSize);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  return cut(order, [...multiples(batchSize, count), count]);
}

/** Where the batches of an epoch begin, and last where the final one ends. */
function batchStarts(count: number, batchSize: number, dropLast: boolean): readonly number[] {
  const starts = multiples(batchSize, count);
  const rest = count % batchSize;
  if (dropLast && rest > 0) return starts;
  if (rest === 1 && starts.length > 1) return [...starts.slice(0, -1), count];
  return [...starts, count];
}

function multiples(step: number, below: number): readonly number[] {
  return Array.from({ length: Math.ceil(below / step) }, (_, i) => i * step);
}

function cut(order: Int32Array, bounds: readonly number[]): readonly Int32Array[] {
  return bounds.slice(0, -1).map((start, i) => order.slice(start, bounds[i + 1]));
}

function checkSizes(count: number, batchSize: number): void {
  for (const [name, value] of [
    ["count", count],
    ["batch size", batchSize],
  ] as const) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} ${value}: a whole number of at least 1 is allowed`);
  }
}

/**
 * Loads items in order while up to `ahead` of those after the one in use are being loaded; 0 loads each when it is asked for. An error comes
 * at its item's turn. However the loop ends, nothing is being loaded any more once it has.
 */
export async function* loadAhead<I, T>(
  items: Iterable<I>,
  load: (item: I) => Promise<T>,
  ahead: number,
): AsyncGenerator<T, void, undefined> {
  if (!(Number.isInteger(ahead) && ahead >= 0)) {
    throw new RangeError(`${ahead} items ahead: a whole number of at least 0 is allowed`);
  }
  const loading: Promise<T>[] = [];
  try {
    for (const item of items) {
      const started = load(item);
      // Whether it is ever awaited or not, its error is not one that nobody handles.
      started.catch(() => {});
      loading.push(started);
      if (loading.length > ahead) yield await taken(loading);
    }
    while (loading.length > 0) yield await taken(loading);
  } finally {
    await Promise.allSettled(loading);
  }
}

function taken<T>(loading: Promise<T>[]): Promise<T> {
  const [first] = loading.splice(0, 1);
  if (first === undefined) throw new Error("nothing is being loaded");
  return first;
}
