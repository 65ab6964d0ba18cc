import type { tf } from "../tf/tensorflow";

// Layers report their work here as they run. It is the work of a layer as it is defined, however it
// is computed: a convolution multiplies by its padding too, even if the fast path leaves that out.

/** The work of one pass through a network. */
export type Work = {
  /** Multiply-adds of convolutions and matrix products. */
  readonly multiplications: number;
  /** Values that stay in memory until the backward pass, those of the network's input left out. */
  readonly kept: number;
};

interface Tally {
  multiplications: number;
  /** Sizes by data: two layers that need the same tensor keep it once. */
  readonly kept: Map<object, number>;
}

let tally: Tally | null = null;

/** The work of `network` on `input`. Its output counts as kept. */
export function workOf<T extends tf.Tensor>(input: T, network: (input: T) => tf.Tensor): Work {
  const own: Tally = { multiplications: 0, kept: new Map() };
  tally = own;
  try {
    keeps(network(input));
  } finally {
    tally = null;
  }
  own.kept.delete(input.dataId);
  const kept = [...own.kept.values()].reduce((sum, size) => sum + size, 0);
  return { multiplications: own.multiplications, kept };
}

/** Reports `count` multiply-adds. */
export function multiplies(count: number): void {
  if (tally !== null) tally.multiplications += count;
}

/** Reports tensors that a layer, or what comes before it, needs for its gradient. */
export function keeps(...tensors: readonly tf.Tensor[]): void {
  for (const { dataId, size } of tensors) tally?.kept.set(dataId, size);
}
