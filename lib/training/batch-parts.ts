import type { NamedArray, NamedArrays } from "../core/named-arrays";

/** Arrays by name, and how many samples they hold. */
export interface TrainingBatch {
  readonly samples: number;
  readonly arrays: NamedArrays;
}

/** A batch cut into parts of `size` samples and a smaller last one; a single sample at the end, which has no batch statistics, joins the part before. */
export function batchParts({ samples, arrays }: TrainingBatch, size: number): readonly TrainingBatch[] {
  const starts = Array.from({ length: Math.max(1, Math.floor((samples + size - 2) / size)) }, (_, part) => part * size);
  return starts.map((start, part) => {
    const end = starts[part + 1] ?? samples;
    const pieces = Object.entries(arrays).map(([name, array]) => [name, rowsOf(array, start, end)] as const);
    return { samples: end - start, arrays: Object.fromEntries(pieces) };
  });
}

function rowsOf({ shape, data }: NamedArray, start: number, end: number): NamedArray {
  const size = shape.slice(1).reduce((product, length) => product * length, 1);
  return { shape: [end - start, ...shape.slice(1)], data: data.subarray(start * size, end * size) };
}
