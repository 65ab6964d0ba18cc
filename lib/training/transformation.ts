import type { NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import { batchSizes } from "../data/batches";
import { initialAffine } from "../nn/linear";
import { initialTransformation } from "../nn/transformation";
import type { OptimizerRecipe } from "../optim/optimizer";
import type { ScheduleRecipe } from "../optim/schedule";
import type { Precision } from "../tf/graph/precision";
import type { ImportedWeights } from "./backbone";
import { type Fitted, fit } from "./loop/fit";
import type { TrainingContext } from "./loop/not-captured";
import { requireBatches } from "./loop/requirements";
import { type Stream, transformationStream } from "./streams";
import { learnedRows, requireAgreement, rowBatches, type TransformationData } from "./transformation-data";
import {
  needsClassifier,
  predictsUncertainty,
  type TransformationLoss,
  transformationLoss,
} from "./transformation-loss";

/** Everything that determines a transformation h, besides the models whose embeddings it maps. */
export interface TransformationRecipe {
  /** Width of the mixer, 2048 in the paper. */
  readonly inner: number;
  /** Augmented views of each training image, whose cached embeddings h learns from. */
  readonly views: number;
  readonly optimizer: OptimizerRecipe;
  readonly schedule: ScheduleRecipe;
  readonly batchSize: number;
  /** Share of the epochs, at the end, with normalisation in evaluation mode: 0.5 in the paper. */
  readonly frozenNormShare: number;
  readonly seed: number;
  /** Mean squared error by default. */
  readonly loss?: TransformationLoss;
  /** Hidden layers of the mixer, 0 to 4; 2 by default. */
  readonly layers?: number;
  /** If true, h is one linear map of both embeddings with a bias, without any hidden layer. */
  readonly linear?: true;
  /**
   * Share of the training images, each with all its views, that h learns from: above 0, all by
   * default. A smaller share is a subset of a larger one.
   */
  readonly share?: number;
  /** In what matrix products compute, float32 by default; h also maps in it. */
  readonly precision?: Precision;
  /** Weights that were not trained here; the optimizer, schedule and batches then say nothing. */
  readonly imported?: ImportedWeights;
}

/**
 * Trains h(old, side) towards the new embedding (FCT, official code). Throws RangeError if rows or
 * dimensions disagree, and Error if labels or a classifier that the loss needs are missing.
 */
export function trainTransformation(
  recipe: TransformationRecipe,
  data: TransformationData,
  context: TrainingContext,
): Promise<Fitted> {
  requireAgreement(data, recipe);
  const { batchSize, schedule } = recipe;
  const stream = transformationStream(recipe);
  const rows = learnedRows(recipe, data.old.rows);
  requireBatches({ count: rows.length, batchSize });
  const { classifier, ...embeddings } = needsClassifier(recipe)
    ? data
    : { ...data, labels: undefined, classifier: undefined };
  return fit(
    {
      weights: initialWeights(recipe, data, stream),
      loss: transformationLoss(recipe, { loss: data.targetLoss }),
      optimizer: recipe.optimizer,
      schedule,
      batches: (epoch) => rowBatches(embeddings, { rows, batchSize, stream: [...stream, "order", epoch] }),
      samplesPerEpoch: rows.length,
      batchSizes: batchSizes(rows.length, batchSize),
      frozenNormFrom: schedule.epochs - Math.floor(schedule.epochs * recipe.frozenNormShare),
      frozen: classifier && { classifier },
      precision: recipe.precision,
    },
    context,
  );
}

function initialWeights(
  recipe: TransformationRecipe,
  { old, side, target }: TransformationData,
  stream: Stream,
): NamedArrays {
  const { inner, layers, linear } = recipe;
  const sizes = { old: old.columns, side: side.columns, target: target.columns, inner, layers, linear };
  const h = initialTransformation(sizes, random(...stream, "start"));
  if (!predictsUncertainty(recipe)) return h;
  return { ...h, ...initialAffine("uncertainty", target.columns, 1, random(...stream, "uncertainty")) };
}
