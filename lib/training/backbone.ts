import type { NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { Augmentation } from "../data/images/augment";
import type { DatasetRecipe } from "../data/load-dataset";
import { type ClassSelection, selectedSplit } from "../data/splits/class-selection";
import type { Dataset, ImageSplit } from "../data/splits/dataset";
import { initialLinear } from "../nn/initial";
import { type Architecture, embeddings, initialNetwork } from "../nn/networks/network";
import type { OptimizerRecipe } from "../optim/optimizer";
import type { ScheduleRecipe } from "../optim/schedule";
import type { Precision } from "../tf/graph/precision";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { type BackboneLoss, backboneLoss, classifierLogits, lossKind, storedEmbedding } from "./backbone-loss";
import { batchOrder, imageBatches } from "./loop/batches";
import { type Fitted, type Fitting, fit } from "./loop/fit";
import type { TrainingContext } from "./loop/not-captured";
import { partSize, requireBatches, requireTwoClasses } from "./loop/requirements";
import type { Loss } from "./loop/training-step";
import { type OldModel, type OldTerm, oldTerm } from "./old-term";
import { imageStream, type Stream } from "./streams";

/** Weights that `fct import` wrote, in the place of a training. */
export interface ImportedWeights {
  /** The full path of the file. */
  readonly path: string;
  /** The checksum that the file contains. */
  readonly sha256: string;
  /** The classes of a backbone's classifier; null if the file has none. */
  readonly classes: number | null;
}

/** Everything that determines a backbone, besides the old model that may take part. */
export interface BackboneRecipe {
  readonly dataset: DatasetRecipe;
  /** The classes it is trained on. Its classifier has outputs for all classes of the dataset. */
  readonly classes: ClassSelection;
  readonly architecture: Architecture;
  readonly labelSmoothing: number;
  readonly optimizer: OptimizerRecipe;
  readonly schedule: ScheduleRecipe;
  readonly batchSize: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** Softmax cross-entropy of a linear classifier by default. */
  readonly loss?: BackboneLoss;
  /**
   * Number of equal parts in which a batch goes through the network, for one update by their mean
   * gradient; 1 by default. Normalisation uses the statistics of a part, and triplets are formed
   * within one.
   */
  readonly accumulation?: number;
  /**
   * In what convolutions and matrix products compute, float32 by default. Training in bfloat16 is
   * faster on processors with units for it; the model then also embeds in it, as it was trained.
   */
  readonly precision?: Precision;
  /** Weights that were not trained here; the optimizer, schedule and batches then say nothing. */
  readonly imported?: ImportedWeights;
}

/**
 * Trains a backbone and, if its loss has one, a classifier (FCT, official code). An old model takes
 * part by BCT, by the L2 baseline or by its answers. Throws if the recipe, the old model and the
 * images do not fit.
 */
export async function trainBackbone(
  recipe: BackboneRecipe,
  { train }: Dataset,
  context: TrainingContext,
  old: OldModel | null = null,
): Promise<Fitted> {
  const { architecture, batchSize, labelSmoothing } = recipe;
  const { classNames } = train;
  const split = selectedSplit(train, recipe.classes);
  requireTwoClasses(split.labels);
  requireBatches({ count: split.labels.length, batchSize });
  const newModel = { dimensions: architecture.embedding, classNames, smoothing: labelSmoothing };
  const term = old && oldTerm(old, newModel);
  const stream = imageStream("backbone", recipe);
  try {
    return await fit(backboneFitting(recipe, { split, stream, term }), context);
  } finally {
    term?.dispose();
  }
}

/** What a training needs besides its recipe. */
interface BackboneInputs {
  readonly split: ImageSplit;
  /** The name of its random stream. */
  readonly stream: Stream;
  readonly term: OldTerm | null;
}

function backboneFitting(recipe: BackboneRecipe, { split, stream, term }: BackboneInputs): Fitting {
  const { optimizer, schedule, batchSize, accumulation, precision } = recipe;
  const { perClass } = lossKind(recipe);
  const drawing = { split, stream, ...recipe, perClass };
  const batchSizes = batchOrder(drawing, 0).map((batch) => batch.length);
  return {
    weights: initialBackbone(recipe, term?.alone ? null : split.classNames.length, stream),
    loss: wholeLoss(recipe, term),
    optimizer,
    schedule,
    batches: (epoch) => imageBatches(drawing, epoch),
    samplesPerEpoch: batchSizes.reduce((count, size) => count + size, 0),
    batchSizes,
    frozen: term?.frozen,
    partSize: accumulation === undefined ? undefined : partSize({ batchSize, accumulation, perClass }),
    precision,
  };
}

/** A network and its classifier, unless there are no classes or its loss has none. */
function initialBackbone(recipe: BackboneRecipe, classes: number | null, stream: Stream): NamedArrays {
  const start = random(...stream, "start");
  const network = initialNetwork(recipe.architecture, start);
  if (classes === null || lossKind(recipe).logits === null) return network;
  return { ...network, classifier: initialLinear(start, recipe.architecture.embedding, classes) };
}

/** L_new, L_new plus the old model's weighted loss, or that alone. */
function wholeLoss(recipe: BackboneRecipe, term: OldTerm | null): Loss {
  return (pass, batch, frozen) => {
    const labels = tensorNamed<tf.Tensor1D>(batch, "labels");
    const images = tensorNamed<tf.Tensor4D>(batch, "images");
    const embedding = embeddings(recipe.architecture, pass, images);
    const own = () => backboneLoss(recipe, pass.weights, { embedding, labels });
    if (term === null) return own();
    const logits = () => classifierLogits(recipe, embedding, tensorNamed(pass.weights, "classifier"));
    const old = term.loss({ images, labels, embedding: storedEmbedding(recipe, embedding), logits }, frozen);
    return term.alone ? old : tf.add(own(), old);
  };
}
