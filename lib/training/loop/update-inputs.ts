import type { NamedArray, NamedArrays } from "../../core/named-arrays";
import { batchParts, type TrainingBatch } from "./batches";

/** What a step is given at once: a batch, or a part of one. */
export interface UpdateInput {
  /** The part's share of the batch. */
  readonly share: number;
  readonly arrays: NamedArrays;
}

interface Updating {
  readonly learningRate: NamedArray;
  readonly partSize?: number | undefined;
}

/** The inputs that make one update by a batch: the batch itself, or its parts. */
export function updateInputs(batch: TrainingBatch, { learningRate, partSize }: Updating): readonly UpdateInput[] {
  if (partSize === undefined) return [{ share: 1, arrays: { ...batch.arrays, learningRate } }];
  const parts = batchParts(batch, partSize);
  return parts.map(({ samples, arrays }, part) => {
    const share = samples / batch.samples;
    const inputs = { ...arrays, share: { shape: [], data: Float32Array.of(share) } };
    return { share, arrays: part === parts.length - 1 ? { ...inputs, learningRate } : inputs };
  });
}

/** What batches of the given sizes will be, shaped like `batch` and without values. */
export function laterInputs(
  batch: TrainingBatch,
  { batchSizes = [batch.samples], ...updating }: Updating & { readonly batchSizes?: readonly number[] },
): readonly NamedArrays[] {
  const sizes = [...new Set([batch.samples, ...batchSizes])];
  return sizes.flatMap((samples) => updateInputs(emptied(batch, samples), updating).map(({ arrays }) => arrays));
}

function emptied(batch: TrainingBatch, samples: number): TrainingBatch {
  const arrays = Object.entries(batch.arrays).map(([name, { shape, data }]) => {
    const [rows = 0, ...rest] = shape;
    return [name, { shape: [(rows / batch.samples) * samples, ...rest], data: data.subarray(0, 0) }] as const;
  });
  return { samples, arrays: Object.fromEntries(arrays) };
}
