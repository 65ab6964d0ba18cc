import type { Artifact } from "../../core/artifacts/store";
import type { NamedArrays } from "../../core/named-arrays";
import { prefixed, withPrefix } from "../../nn/weights";
import type { Fitted } from "../../training/loop/fit";
import type { TrainingContext } from "../../training/loop/not-captured";

/** The weights of the epoch with the lowest validation loss, the first of equals. */
export interface ValidatedFit extends Fitted {
  /** The validation loss after each epoch. */
  readonly validation: readonly number[];
  /** The number of epochs that the weights have seen. */
  readonly epochs: number;
}

interface Best {
  readonly weights: NamedArrays;
  readonly validation: readonly number[];
  readonly epochs: number;
}

const none: Best = { weights: {}, validation: [], epochs: 0 };

/**
 * Runs a training and keeps the weights of its best epoch. `validate` gives the validation loss of
 * weights. What is the best so far goes into the training's own checkpoints, so that a later call
 * continues to the same bytes. Throws Error if no epoch's validation loss is finite.
 */
export async function bestEpoch(
  train: (context: TrainingContext) => Promise<Fitted>,
  validate: (weights: NamedArrays) => number,
  context: TrainingContext,
): Promise<ValidatedFit> {
  let best = none;
  const { checkpoint } = context;
  const { weights, losses } = await train({
    ...context,
    checkpoint: {
      load: () => {
        const saved = checkpoint.load();
        best = saved === null ? none : bestIn(saved);
        return saved && withoutBest(saved);
      },
      save: (state) => {
        best = better(best, withPrefix(state.arrays, "weights."), validate);
        checkpoint.save(withBest(state, best));
      },
    },
  });
  const found = better(best, weights, validate);
  if (found.epochs > 0) return { ...found, losses };
  throw new Error(`no epoch's validation loss is finite (${found.validation.join(", ")}): lower the learning rate`);
}

/** The best of `best` and the weights after one epoch more. */
function better(best: Best, weights: NamedArrays, validate: (weights: NamedArrays) => number): Best {
  const loss = validate(weights);
  const validation = [...best.validation, loss];
  const lowest = best.validation[best.epochs - 1] ?? Number.POSITIVE_INFINITY;
  return loss < lowest ? { weights, validation, epochs: validation.length } : { ...best, validation };
}

const prefix = "best.";

function withBest({ arrays, facts }: Artifact, { weights, validation, epochs }: Best): Artifact {
  return { arrays: { ...arrays, ...prefixed(weights, prefix) }, facts: { ...facts, validation, best: epochs } };
}

function withoutBest({ arrays, facts }: Artifact): Artifact {
  return { arrays: Object.fromEntries(Object.entries(arrays).filter(([name]) => !name.startsWith(prefix))), facts };
}

function bestIn({ arrays, facts }: Artifact): Best {
  return {
    weights: withPrefix(arrays, prefix),
    validation: facts.validation as readonly number[],
    epochs: facts.best as number,
  };
}
