import type { Tensors } from "../tf/gradients";
import { tf } from "../tf/tensorflow";

/** Zeros of every weight's shape under "slot.weight", for every slot. */
export function zeroSlots(weights: Tensors, slots: readonly string[]): Tensors {
  const entries = slots.flatMap((slot) =>
    Object.entries(weights).map(([name, weight]) => [`${slot}.${name}`, tf.zeros(weight.shape)] as const),
  );
  return Object.fromEntries(entries);
}
