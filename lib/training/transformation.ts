import { canonicalJson } from "../core/hash";
import { type Matrix, selectRows } from "../core/matrix";
import type { NamedArray } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import { epochBatches } from "../data/batches";
import { alignment } from "../losses/alignment";
import { initialProjection, projection } from "../nn/projection";
import type { OptimizerRecipe } from "../optim/optimizer";
import type { ScheduleRecipe } from "../optim/schedule";
import { weightNamed } from "../tf/gradients";
import type { BackboneLoss } from "./backbone-loss";
import { type Fitted, fit, type TrainingBatch } from "./fit";
import type { TransformationLoss } from "./transformation-loss";

/** Everything that determines a transformation h, besides the models it joins. */
export interface TransformationRecipe {
  /** Width of the mixer, 2048 in the paper. */
  readonly inner: number;
  /** Augmented views of each training image whose embeddings are cached and learned from. */
  readonly views: number;
  readonly optimizer: OptimizerRecipe;
  readonly schedule: ScheduleRecipe;
  readonly batchSize: number;
  /** Share of the epochs, at the end, in which normalisation runs in evaluation mode: .5 in the paper. */
  readonly frozenNormShare: number;
  readonly seed: number;
  /** Mean squared error by default. */
  readonly loss?: TransformationLoss;
  /** Hidden layers of the mixer, 0 to 4; 2 by default. */
  readonly layers?: number;
  /** h is one linear map of both embeddings, with a bias: no branches, no mixer, no normalisation. */
  readonly linear?: true;
  /** Share of the training images, all views of each, that h learns from: above 0, all by default. A smaller share is part of a larger one. */
  readonly share?: number;
}

/** Embeddings of the same images, row by row. Without side-information `side` is the old embedding. */
export interface TransformationData {
  readonly old: Matrix;
  readonly side: Matrix;
  readonly target: Matrix;
  /** Classes, one a row; for the losses with a classifier. */
  readonly labels?: Int32Array;
  /** The target backbone's [dimensions, classes], for the same. */
  readonly classifier?: NamedArray;
  /** The loss that the target backbone was trained with, by which its classifier reads embeddings. */
  readonly targetLoss?: BackboneLoss;
}

/** Trains h(old, side) towards the new embedding, mean squared error (FCT, section 4.2). Throws RangeError where the rows disagree. */
export function trainTransformation(
  recipe: TransformationRecipe,
  data: TransformationData,
  context: StepContext,
): Promise<Fitted> {
  checkRows(data);
  const { old, side, target } = data;
  const stream = [recipe.seed, "transformation", canonicalJson(recipe)];
  const { epochs } = recipe.schedule;
  const dimensions = { old: old.columns, side: side.columns, target: target.columns, inner: recipe.inner };
  return fit(
    {
      weights: initialProjection(dimensions, random(...stream, "start")),
      loss: (pass, batch) =>
        alignment(
          projection(pass, weightNamed(batch, "old"), weightNamed(batch, "side")),
          weightNamed(batch, "target"),
        ),
      optimizer: recipe.optimizer,
      schedule: recipe.schedule,
      batches: (epoch) => rowBatches(data, recipe.batchSize, [...stream, "order", epoch]),
      samplesPerEpoch: old.rows,
      frozenNormFrom: epochs - Math.floor(epochs * recipe.frozenNormShare),
    },
    context,
  );
}

async function* rowBatches(
  { old, side, target }: TransformationData,
  batchSize: number,
  stream: readonly (string | number)[],
): AsyncIterable<TrainingBatch> {
  for (const rows of epochBatches({ count: old.rows, batchSize, random: random(...stream) })) {
    const arrays = { old: gathered(old, rows), side: gathered(side, rows), target: gathered(target, rows) };
    yield { samples: rows.length, arrays };
  }
}

function gathered(source: Matrix, rows: Int32Array): NamedArray {
  const { columns, data } = selectRows(source, rows);
  return { shape: [rows.length, columns], data };
}

function checkRows(data: TransformationData): void {
  const rows = (["old", "side", "target"] as const).map((name) => `${name} ${data[name].rows}`);
  if (data.side.rows !== data.old.rows || data.target.rows !== data.old.rows) {
    throw new RangeError(`the embeddings must be of the same images, got rows ${rows.join(", ")}`);
  }
}
