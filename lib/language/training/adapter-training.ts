import { unexpected } from "../../core/check";
import type { NamedArrays } from "../../core/named-arrays";
import { random } from "../../core/random";
import type { OptimizerRecipe } from "../../optim/optimizer";
import type { ScheduleRecipe } from "../../optim/schedule";
import type { TrainingBatch } from "../../training/loop/batches";
import { fit } from "../../training/loop/fit";
import type { TrainingContext } from "../../training/loop/not-captured";
import { requireBatches } from "../../training/loop/requirements";
import { type AdapterSizes, initialAdapter } from "../decoder/adapter";
import { requireTokens } from "../decoder/decoder";
import { bestEpoch, type ValidatedFit } from "./best-epoch";
import { type AdapterObjective, adapterLoss, frozenOf, type LanguageModel, validationLoss } from "./objective";
import { sequenceBatch, type TokenSequence } from "./sequences";

/** Everything that determines the training of an adapter, besides its task and the models. */
export interface AdapterRecipe {
  readonly adapter: AdapterSizes;
  readonly optimizer: OptimizerRecipe;
  readonly schedule: ScheduleRecipe;
  readonly batchSize: number;
  /** How much a token of the prompt counts beside 1 of the answer: 1 in the paper. */
  readonly promptWeight: number;
  /**
   * Share of the task's samples that choose the epoch instead of being learned: 0.2 in the paper.
   */
  readonly validationShare: number;
  readonly seed: number;
}

/** What an adapter is trained on. */
export interface AdapterTraining {
  readonly recipe: AdapterRecipe;
  readonly base: LanguageModel;
  /** The weights to begin with; random ones, which change nothing yet, if null. */
  readonly start: NamedArrays | null;
  readonly objective: AdapterObjective;
  readonly samples: readonly TokenSequence[];
}

/**
 * Trains an adapter of a base model, whose own weights stay, and keeps the epoch of the lowest loss
 * on the validation part. The parts depend on the seed alone, so that all adapters of a task have
 * the same; starting weights and batches depend on the seed and on whether there is a `start`, so
 * that a compatible adapter and its control draw common random numbers. Throws RangeError on a
 * share, sizes or tokens out of range.
 */
export function trainAdapter(training: AdapterTraining, context: TrainingContext): Promise<ValidatedFit> {
  const { recipe, base, start, objective, samples } = training;
  const { batchSize, seed } = recipe;
  for (const { tokens } of samples) requireTokens(base.sizes, tokens);
  const { learned, validation } = parted(samples, recipe);
  requireBatches({ count: learned.length, batchSize });
  const names = [seed, start === null ? "adapter" : "continued-adapter"];
  const loss = adapterLoss(base.sizes, recipe.adapter, objective);
  const frozen = frozenOf(base, objective);
  const tested = chunks(validation, batchSize).map((chunk) => sequenceBatch(chunk, base.sizes.context));
  const train = (inner: TrainingContext) =>
    fit(
      {
        weights: start ?? initialAdapter(base.sizes, recipe.adapter, random(...names, "start")),
        loss: ({ weights }, batch, fixed) => loss(weights, batch, fixed),
        optimizer: recipe.optimizer,
        schedule: recipe.schedule,
        batches: (epoch) => shuffled(learned, { batchSize, context: base.sizes.context }, [...names, "order", epoch]),
        samplesPerEpoch: learned.length,
        frozen,
      },
      inner,
    );
  const judge = validationLoss(loss, frozen, tested);
  return bestEpoch(train, judge.of, context).finally(judge.dispose);
}

interface Parted {
  readonly learned: readonly TokenSequence[];
  readonly validation: readonly TokenSequence[];
}

function parted(samples: readonly TokenSequence[], { validationShare, seed }: AdapterRecipe): Parted {
  const count = Math.round(validationShare * samples.length);
  if (!(validationShare > 0 && validationShare < 1 && count >= 1)) {
    throw unexpected(
      `share of ${samples.length} samples for validation`,
      "one sample or more, not all",
      validationShare,
    );
  }
  const order = Array.from(random(seed, "validation").permutation(samples.length), (i) => samples[i] as TokenSequence);
  return { validation: order.slice(0, count), learned: order.slice(count) };
}

function chunks(sequences: readonly TokenSequence[], size: number): readonly (readonly TokenSequence[])[] {
  const count = Math.ceil(sequences.length / size);
  return Array.from({ length: count }, (_, index) => sequences.slice(index * size, (index + 1) * size));
}

/** All samples in random order; the last batch may be smaller. */
async function* shuffled(
  samples: readonly TokenSequence[],
  { batchSize, context }: { readonly batchSize: number; readonly context: number },
  names: readonly (string | number)[],
): AsyncGenerator<TrainingBatch> {
  const order = random(...names).permutation(samples.length);
  const mixed = Array.from(order, (index) => samples[index] as TokenSequence);
  for (const chunk of chunks(mixed, batchSize)) {
    yield { samples: chunk.length, arrays: sequenceBatch(chunk, context) };
  }
}
