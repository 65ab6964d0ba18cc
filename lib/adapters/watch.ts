import { type Matrix, matrix } from "../core/matrix";
import type { NamedArrays } from "../core/named-arrays";
import { evaluation } from "../nn/pass";
import { type TransformationForm, transformation } from "../nn/transformation";
import { prefixed, withPrefix, withTensors } from "../nn/weights";
import { tf } from "../tf/tensorflow";
import type { TrainingContext } from "../training/loop/not-captured";
import type { Inputs } from "./pairs/pairs";

/** Pairs that are not learned from. */
export interface HeldOutPairs extends Inputs {
  readonly target: Matrix;
}

/** The weights after the epoch that was best on the held-out pairs. */
export interface BestEpoch {
  readonly weights: NamedArrays;
  /** From 1. */
  readonly bestEpoch: number;
  /** Mean squared error on the held-out pairs after each epoch. */
  readonly heldOutLosses: readonly number[];
}

/**
 * The context of a training whose every epoch is tried on the held-out pairs. The best weights so
 * far are part of the checkpoint.
 */
export function watched(
  form: TransformationForm,
  heldOut: HeldOutPairs,
  context: TrainingContext,
): {
  readonly context: TrainingContext;
  readonly look: (weights: NamedArrays, epoch: number) => void;
  readonly best: () => BestEpoch;
} {
  let weights: NamedArrays = {};
  let bestEpoch = 0;
  let heldOutLosses: readonly number[] = [];
  const look = (now: NamedArrays, epoch: number): void => {
    if (heldOutLosses.length >= epoch) return;
    const loss = meanSquaredError(mappedOnce(form, now, heldOut), heldOut.target);
    if (heldOutLosses.every((earlier) => loss < earlier)) [weights, bestEpoch] = [copied(now), epoch];
    heldOutLosses = [...heldOutLosses, loss];
  };
  const { checkpoint } = context;
  return {
    context: {
      ...context,
      checkpoint: {
        load: () => {
          const saved = checkpoint.load();
          if (saved === null) return null;
          weights = withPrefix(saved.arrays, "best.");
          bestEpoch = saved.facts.bestEpoch as number;
          heldOutLosses = saved.facts.heldOutLosses as readonly number[];
          const arrays = Object.entries(saved.arrays).filter(([name]) => !name.startsWith("best."));
          return { ...saved, arrays: Object.fromEntries(arrays) };
        },
        save: ({ arrays, facts }) => {
          look(withPrefix(arrays, "weights."), (facts.losses as readonly number[]).length);
          checkpoint.save({
            arrays: { ...arrays, ...prefixed(weights, "best.") },
            facts: { ...facts, bestEpoch, heldOutLosses },
          });
        },
      },
    },
    look,
    best: () => ({ weights, bestEpoch, heldOutLosses }),
  };
}

const rowsAtOnce = 4096;

/** h of all rows, op by op: a graph for weights that are used once would take longer. */
function mappedOnce(form: TransformationForm, weights: NamedArrays, { old, side, target }: HeldOutPairs): Matrix {
  const mapped = matrix(old.rows, target.columns);
  withTensors(weights, (tensors) => {
    for (let first = 0; first < old.rows; first += rowsAtOnce) {
      const end = Math.min(first + rowsAtOnce, old.rows);
      const piece = ({ columns, data }: Matrix): tf.Tensor2D =>
        tf.tensor2d(data.slice(first * columns, end * columns), [end - first, columns]);
      const output = tf.tidy(() => transformation(evaluation(tensors), piece(old), piece(side), form).dataSync());
      mapped.data.set(output, first * target.columns);
    }
  });
  return mapped;
}

function copied(arrays: NamedArrays): NamedArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}

/** Over rows and dimensions, in 64 bits. */
export function meanSquaredError(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += ((a.data[i] as number) - (b.data[i] as number)) ** 2;
  return sum / a.data.length;
}
