import { unexpected, wholeNumber } from "../../core/check";
import { canonicalJson } from "../../core/hash";
import { random } from "../../core/random";
import { crossEntropy } from "../../losses/cross-entropy";
import type { OptimizerRecipe } from "../../optim/optimizer";
import type { ScheduleRecipe } from "../../optim/schedule";
import type { tf } from "../../tf/tensorflow";
import { tensorNamed } from "../../tf/tensors";
import type { TrainingBatch } from "../../training/loop/batches";
import { type Fitted, fit } from "../../training/loop/fit";
import type { TrainingContext } from "../../training/loop/not-captured";
import type { Loss } from "../../training/loop/training-step";
import { type DecoderSizes, hiddenStates, initialDecoderWeights, requireTokens, tokenLogits } from "../decoder/decoder";
import type { TextRecipe } from "../texts/token-stream";

/** Everything that determines a base model. */
export interface PretrainingRecipe {
  readonly text: TextRecipe;
  readonly sizes: DecoderSizes;
  readonly optimizer: OptimizerRecipe;
  /** Its epochs are of `stepsPerEpoch` updates. */
  readonly schedule: ScheduleRecipe;
  readonly stepsPerEpoch: number;
  /** Texts of a batch, each as long as the context. */
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * Trains a decoder to predict every next token of a stream, from places drawn at random. Throws
 * RangeError on sizes out of range, on a token outside the vocabulary, and if the stream is not
 * longer than the context.
 */
export function pretrain(recipe: PretrainingRecipe, stream: Int32Array, context: TrainingContext): Promise<Fitted> {
  const { sizes, batchSize, stepsPerEpoch, schedule } = recipe;
  wholeNumber("batch size", batchSize, { least: 1 });
  wholeNumber("steps of an epoch", stepsPerEpoch, { least: 1 });
  if (stream.length <= sizes.context)
    throw unexpected("tokens of the text", `more than the context's ${sizes.context}`, stream.length);
  requireTokens(sizes, stream);
  const names = [recipe.seed, "pretraining", canonicalJson(recipe)];
  return fit(
    {
      weights: initialDecoderWeights(sizes, random(...names, "start")),
      loss: nextTokenLoss(sizes),
      optimizer: recipe.optimizer,
      schedule,
      batches: (epoch) => windows(recipe, stream, [...names, "places", epoch]),
      samplesPerEpoch: stepsPerEpoch * batchSize,
    },
    context,
  );
}

/** The mean cross-entropy of the "targets" of a batch of "tokens" [texts, length]. */
export function nextTokenLoss(sizes: DecoderSizes): Loss {
  return ({ weights }, batch) => {
    const pass = { sizes, weights };
    const logits = tokenLogits(pass, hiddenStates(pass, tensorNamed<tf.Tensor2D>(batch, "tokens")));
    return crossEntropy(logits, tensorNamed(batch, "targets"));
  };
}

/** The batches of an epoch: windows of the stream, and the tokens that follow each of theirs. */
async function* windows(
  { sizes, batchSize, stepsPerEpoch }: PretrainingRecipe,
  stream: Int32Array,
  names: readonly (string | number)[],
): AsyncGenerator<TrainingBatch> {
  const { integer } = random(...names);
  const { context } = sizes;
  for (let step = 0; step < stepsPerEpoch; step++) {
    const [tokens, targets] = [new Int32Array(batchSize * context), new Int32Array(batchSize * context)];
    for (let text = 0; text < batchSize; text++) {
      const start = integer(stream.length - context);
      tokens.set(stream.subarray(start, start + context), text * context);
      targets.set(stream.subarray(start + 1, start + 1 + context), text * context);
    }
    const arrays = {
      tokens: { shape: [batchSize, context], data: tokens },
      targets: { shape: [batchSize * context], data: targets },
    };
    yield { samples: batchSize, arrays };
  }
}
