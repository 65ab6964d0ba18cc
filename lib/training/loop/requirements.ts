import { unexpected, wholeNumber } from "../../core/check";

/**
 * Throws RangeError unless a training has batches of at least two items: a single item has no batch
 * statistics, and nothing to be compared with.
 */
export function requireBatches({ count, batchSize }: { readonly count: number; readonly batchSize: number }): void {
  wholeNumber("batch size", batchSize, { least: 2 });
  wholeNumber("training items", count, { least: 2 });
}

interface Parts {
  readonly batchSize: number;
  readonly accumulation: number;
  /** Items of each class in a batch, one class after the other; if absent, they are mixed. */
  readonly perClass?: number | undefined;
}

/**
 * The number of items in each of the `accumulation` equal parts of a batch. Throws RangeError if a
 * batch cannot be cut into that many parts of at least two items or, if it holds `perClass` items
 * of each class, of at least two whole classes: in a part of one class a triplet loss is always 0.
 */
export function partSize({ batchSize, accumulation, perClass }: Parts): number {
  const size = batchSize / accumulation;
  if (!(Number.isInteger(accumulation) && accumulation >= 1 && Number.isInteger(size) && size >= 2)) {
    throw unexpected(`parts of a batch of ${batchSize}`, "equal parts of at least 2 items", accumulation);
  }
  const classes = perClass === undefined ? null : size / perClass;
  if (classes !== null && !(Number.isInteger(classes) && classes >= 2)) {
    const words = `parts of a batch of ${batchSize} with ${perClass} items of each class`;
    throw unexpected(words, "equal parts of at least 2 whole classes", accumulation);
  }
  return size;
}

/** Throws RangeError unless there are at least two classes to tell apart. */
export function requireTwoClasses(labels: Int32Array): void {
  const classes = new Set(labels);
  if (classes.size < 2) throw unexpected("classes to train on", "at least 2", `${classes.size} (${[...classes]})`);
}
