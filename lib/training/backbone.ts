import { canonicalJson } from "../core/hash";
import type { NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import type { DatasetRecipe } from "../data/load-dataset";
import { type ClassSelection, classesOf } from "../data/splits/class-selection";
import { type Augmentation, classSubset, type Dataset } from "../data/splits/dataset";
import { initialLinear } from "../nn/initial";
import { type Architecture, embeddings, initialNetwork } from "../nn/network";
import type { OptimizerRecipe } from "../optim/optimizer";
import type { ScheduleRecipe } from "../optim/schedule";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { type BackboneLoss, backboneLoss, hasClassifier, storedEmbedding } from "./backbone-loss";
import { batchOrder, imageBatches } from "./batches";
import { type Fitted, fit } from "./fit";
import { type AlignedWith, type CompatibleWith, type OldTerm, oldTerm } from "./old-term";
import { partSize, requireBatches, requireTwoClasses } from "./requirements";
import type { Loss } from "./training-step";

/** Everything that determines a classification backbone. */
export interface BackboneRecipe {
  readonly dataset: DatasetRecipe;
  /** The classes it sees; its classifier has outputs for all of the dataset's. */
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
  /** Equal parts of a batch that go through the network one after the other, for one update by their mean gradient; 1 by default. Normalisation sees a part. */
  readonly accumulation?: number;
}

/**
 * Trains a backbone with its classifier, where its loss has one (FCT, section 5.1); with `compatible`, by BCT's loss L_new + lambda L_old or
 * by L_new + weight * squared error to an old network's embeddings. Throws where the old model or the images do not fit.
 */
export async function trainBackbone(
  recipe: BackboneRecipe,
  dataset: Dataset,
  context: StepContext,
  compatible: CompatibleWith | AlignedWith | null = null,
): Promise<Fitted> {
  const { batchSize, accumulation, loss } = recipe;
  const split = classSubset(dataset.train, classesOf(recipe.classes, dataset.train.classNames));
  const stream = [recipe.seed, "backbone", canonicalJson(recipe), compatible?.kind ?? ""];
  requireTwoClasses(split.labels);
  requireBatches({ count: split.labels.length, batchSize });
  const drawing = { split, stream, ...recipe, perClass: loss?.kind === "triplet" ? loss.perClass : undefined };
  const model = {
    dimensions: recipe.architecture.embedding,
    classNames: dataset.train.classNames,
    smoothing: recipe.labelSmoothing,
  };
  const old = compatible && oldTerm(compatible, model);
  try {
    return await fit(
      {
        weights: initialBackbone(recipe, dataset.train.classNames.length, stream),
        loss: wholeLoss(recipe, old),
        optimizer: recipe.optimizer,
        schedule: recipe.schedule,
        batches: (epoch) => imageBatches(drawing, epoch),
        samplesPerEpoch: batchOrder(drawing, 0).reduce((count, batch) => count + batch.length, 0),
        frozen: old?.frozen,
        partSize: accumulation === undefined ? undefined : partSize({ batchSize, accumulation }),
      },
      context,
    );
  } finally {
    old?.dispose();
  }
}

function initialBackbone(recipe: BackboneRecipe, classes: number, stream: readonly (string | number)[]): NamedArrays {
  const start = random(...stream, "start");
  const network = initialNetwork(recipe.architecture, start);
  if (!hasClassifier(recipe)) return network;
  return { ...network, classifier: initialLinear(start, recipe.architecture.embedding, classes) };
}

function wholeLoss(recipe: BackboneRecipe, old: OldTerm | null): Loss {
  return (pass, batch, frozen) => {
    const labels = tensorNamed<tf.Tensor1D>(batch, "labels");
    const images = tensorNamed<tf.Tensor4D>(batch, "images");
    const embedding = embeddings(recipe.architecture, pass, images);
    const own = backboneLoss(recipe, pass.weights, { embedding, labels });
    if (old === null) return own;
    const stored = storedEmbedding(recipe, embedding);
    return tf.add(own, tf.mul(old.loss({ images, labels, embedding: stored }, frozen), old.weight));
  };
}
