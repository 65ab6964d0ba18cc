/** Throws RangeError where a training has no batch of two items or more: one item has no batch statistics, and no other to compare with. */
export function requireBatches({ count, batchSize }: { readonly count: number; readonly batchSize: number }): void {
  for (const [what, value] of [
    ["batch size", batchSize],
    ["training items:", count],
  ] as const) {
    if (!(Number.isInteger(value) && value >= 2)) {
      throw new RangeError(`${what} ${value}: allowed is a whole number from 2`);
    }
  }
}

/** The number of items in each of the `accumulation` equal parts of a batch; throws RangeError where the batch has no such parts of two items or more. */
export function partSize({
  batchSize,
  accumulation,
}: {
  readonly batchSize: number;
  readonly accumulation: number;
}): number {
  const size = batchSize / accumulation;
  if (!(Number.isInteger(accumulation) && accumulation >= 1 && Number.isInteger(size) && size >= 2)) {
    throw new RangeError(`a batch of ${batchSize} in ${accumulation} parts: allowed are equal parts of at least 2`);
  }
  return size;
}

/** Throws RangeError where a classification has nothing to tell apart. */
export function requireTwoClasses(labels: Int32Array): void {
  const classes = new Set(labels);
  if (classes.size < 2)
    throw new RangeError(`images of ${classes.size} class (${[...classes].join()}): at least 2 are needed`);
}
