import type { Matrix } from "../core/matrix";
import type { NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import { batchSizes, epochBatches } from "../data/batches";
import { alignmentPerSample } from "../losses/alignment";
import { discounted } from "../losses/uncertainty";
import { initialAffine } from "../nn/linear";
import { initialTransformation, type TransformationForm, transformation } from "../nn/transformation";
import { tensorNamed } from "../tf/tensors";
import type { TrainingBatch } from "../training/loop/batches";
import { fit } from "../training/loop/fit";
import type { TrainingContext } from "../training/loop/not-captured";
import { logVariance, transformationLoss } from "../training/transformation-loss";
import { bestRidge, linearWeights } from "./closed-form";
import type { LearnRecipe } from "./kind";
import type { Moments } from "./pairs/moments";
import { inputsAt, type Pairs, type RowSplit, rowsOf } from "./pairs/pairs";
import { type BestEpoch, type HeldOutPairs, watched } from "./watch";

/** Pairs in memory or in files, and what is known of them. */
interface Training {
  readonly pairs: Pairs;
  readonly split: RowSplit;
  readonly moments: { readonly learned: Moments; readonly heldOut: Moments };
  readonly heldOut: HeldOutPairs;
}

/** The best weights, and the mean training loss of each epoch. */
export interface Trained extends BestEpoch {
  readonly losses: readonly number[];
}

const formOfKind = (kind: LearnRecipe["kind"]): TransformationForm =>
  kind === "residual" ? { linear: true, variant: "residual" } : {};

/**
 * Trains an adapter by gradients: h of FCT by the mean squared error, the same discounted by an
 * uncertainty that it predicts (FastFill, without the classification term, for which the new
 * model's classifier is not known), or a residual network that begins as the best linear map. As
 * published: Adam with weight decay 2^-15, a cosine after five epochs of warm-up, normalisation in
 * evaluation mode in the second half. A stopped training continues from its checkpoint.
 */
export async function trained(recipe: LearnRecipe, training: Training, context: TrainingContext): Promise<Trained> {
  const { epochs, batchSize, learningRate, seed, kind } = recipe;
  const { pairs, split } = training;
  const form = formOfKind(kind);
  const watch = watched(form, training.heldOut, context);
  const fitted = await fit(
    {
      weights: initialWeights(recipe, training),
      loss: kind === "fastfill" ? uncertaintyLoss(form) : transformationLoss(form, {}),
      optimizer: { kind: "adam", weightDecay: 2 ** -15 },
      schedule: { learningRate, epochs, warmup: Math.min(5, Math.floor(epochs / 2)) },
      batches: (epoch) =>
        pairBatches(pairs, {
          rows: split.learned,
          batchSize,
          stream: [seed, "pairs", kind, epoch],
          isLinear: form.linear ?? false,
        }),
      samplesPerEpoch: split.learned.length,
      batchSizes: batchSizes(split.learned.length, batchSize),
      frozenNormFrom: epochs - Math.floor(epochs / 2),
    },
    watch.context,
  );
  watch.look(fitted.weights, fitted.losses.length);
  return { ...watch.best(), losses: fitted.losses };
}

function initialWeights({ kind, inner, seed }: LearnRecipe, { pairs, moments }: Training): NamedArrays {
  const { from, side, to } = pairs;
  const stream = (part: string) => random(seed, "adapter", kind, part);
  const sizes = { old: from.columns, side: (side ?? from).columns, target: to.columns, inner };
  switch (kind) {
    case "fastfill":
      return {
        ...initialTransformation(sizes, stream("start")),
        ...initialAffine("uncertainty", to.columns, 1, stream("uncertainty")),
      };
    case "residual": {
      const start = initialTransformation(
        { ...sizes, side: side?.columns ?? 0, linear: true, variant: "residual" },
        stream("start"),
      );
      return { ...start, ...linearWeights(moments.learned, bestRidge(moments.learned, moments.heldOut).map) };
    }
    default:
      return initialTransformation(sizes, stream("start"));
  }
}

function uncertaintyLoss(form: TransformationForm): Parameters<typeof fit>[0]["loss"] {
  return (pass, batch) => {
    const prediction = transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form);
    return discounted(alignmentPerSample(prediction, tensorNamed(batch, "target")), logVariance(pass, prediction));
  };
}

interface PairDrawing {
  readonly rows: Int32Array;
  readonly batchSize: number;
  readonly stream: readonly (string | number)[];
  readonly isLinear: boolean;
}

async function* pairBatches(
  pairs: Pairs,
  { rows, batchSize, stream, isLinear }: PairDrawing,
): AsyncIterable<TrainingBatch> {
  for (const places of epochBatches({ count: rows.length, batchSize, random: random(...stream) })) {
    const drawn = places.map((place) => rows[place] as number);
    const [inputs, target] = [await inputsAt(pairs, drawn, isLinear), await rowsOf(pairs.to, drawn)];
    const array = ({ rows: count, columns, data }: Matrix) => ({ shape: [count, columns], data });
    const arrays = { old: array(inputs.old), side: array(inputs.side), target: array(target) };
    yield { samples: drawn.length, arrays };
  }
}
