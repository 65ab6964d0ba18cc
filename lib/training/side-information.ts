import type { NamedArrays } from "../core/named-arrays";
import { type Random, random } from "../core/random";
import { batchSizes } from "../data/batches";
import type { Augmentation } from "../data/images/augment";
import type { DatasetRecipe } from "../data/load-dataset";
import { type ClassSelection, selectedSplit } from "../data/splits/class-selection";
import type { Dataset } from "../data/splits/dataset";
import { contrastive, supervisedContrastive } from "../losses/contrastive";
import { initialBias, initialLinear, initialNorm } from "../nn/initial";
import { type ConvolutionNet, decoder, initialDecoder } from "../nn/networks/convolution-net";
import { type Architecture, embeddings, initialNetwork } from "../nn/networks/network";
import { normaliseFeatures, type Pass } from "../nn/pass";
import type { OptimizerRecipe } from "../optim/optimizer";
import type { ScheduleRecipe } from "../optim/schedule";
import type { Precision } from "../tf/graph/precision";
import { relu } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { tensorNamed } from "../tf/tensors";
import { imageBatches } from "./loop/batches";
import { type Fitted, fit } from "./loop/fit";
import type { TrainingContext } from "./loop/not-captured";
import { requireBatches } from "./loop/requirements";
import type { Loss } from "./loop/training-step";
import { imageStream } from "./streams";

interface Common {
  readonly dataset: DatasetRecipe;
  readonly classes: ClassSelection;
  readonly optimizer: OptimizerRecipe;
  readonly schedule: ScheduleRecipe;
  readonly batchSize: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** In what convolutions and matrix products compute, as in `BackboneRecipe`. */
  readonly precision?: Precision;
}

/** SimCLR (arXiv 2002.05709): two views of an image attract, all other images repel. */
export interface SimclrRecipe extends Common {
  readonly kind: "simclr";
  readonly architecture: Architecture;
  readonly temperature: number;
}

/** An autoencoder: a decoder rebuilds the image from the embedding, by mean squared error. */
export interface AutoencoderRecipe extends Common {
  readonly kind: "autoencoder";
  readonly architecture: ConvolutionNet;
}

/** SupCon (arXiv 2004.11362): SimCLR with labels; images of one class attract too. */
export interface SupervisedContrastiveRecipe extends Common {
  readonly kind: "supervised-contrastive";
  readonly architecture: Architecture;
  readonly temperature: number;
}

/**
 * Everything that determines a side-information model, which is trained when the old model is. Only
 * SupCon uses labels.
 */
export type SideInformationRecipe = SimclrRecipe | AutoencoderRecipe | SupervisedContrastiveRecipe;

/** Views of each image in a training batch: the contrastive losses compare two. */
export function viewsOf({ kind }: SideInformationRecipe): number {
  switch (kind) {
    case "simclr":
    case "supervised-contrastive":
      return 2;
    case "autoencoder":
      return 1;
  }
}

/** Trains a side-information model; its embeddings are the side-information. */
export function trainSideInformation(
  recipe: SideInformationRecipe,
  dataset: Dataset,
  context: TrainingContext,
): Promise<Fitted> {
  const split = selectedSplit(dataset.train, recipe.classes);
  const stream = imageStream("side-information", recipe);
  requireBatches({ count: split.labels.length, batchSize: recipe.batchSize });
  const views = viewsOf(recipe);
  return fit(
    {
      weights: initialWeights(recipe, random(...stream, "start")),
      loss: sideInformationLoss(recipe),
      optimizer: recipe.optimizer,
      schedule: recipe.schedule,
      batches: (epoch) => imageBatches({ split, stream, views, ...recipe }, epoch),
      samplesPerEpoch: split.labels.length,
      batchSizes: batchSizes(split.labels.length, recipe.batchSize),
      precision: recipe.precision,
    },
    context,
  );
}

function initialWeights(recipe: SideInformationRecipe, start: Random): NamedArrays {
  const network = initialNetwork(recipe.architecture, start);
  switch (recipe.kind) {
    case "simclr":
    case "supervised-contrastive":
      return { ...network, ...initialHead(recipe.architecture.embedding, start) };
    case "autoencoder":
      return { ...network, ...initialDecoder(recipe.architecture, start) };
  }
}

function sideInformationLoss(recipe: SideInformationRecipe): Loss {
  switch (recipe.kind) {
    case "simclr":
      return (pass, { images }) => {
        const embedding = embeddings(recipe.architecture, pass, images as tf.Tensor4D);
        return contrastive(head(pass, embedding), { temperature: recipe.temperature });
      };
    case "supervised-contrastive":
      return (pass, { images, labels }) => {
        const embedding = embeddings(recipe.architecture, pass, images as tf.Tensor4D);
        return supervisedContrastive(head(pass, embedding), labels as tf.Tensor1D, recipe);
      };
    case "autoencoder":
      return (pass, { images }) => {
        const embedding = embeddings(recipe.architecture, pass, images as tf.Tensor4D);
        return tf.mean(tf.squaredDifference(decoder(recipe.architecture, pass, embedding), images as tf.Tensor4D));
      };
  }
}

function initialHead(size: number, start: Random): NamedArrays {
  return {
    ...initialNorm("projection.norm", size),
    "projection.linear": initialLinear(start, size, size),
    "projection.bias": initialBias(start, size, size),
  };
}

/** SimCLR's projection head, unused after training: normalisation, ReLU, linear map with a bias. */
function head(pass: Pass, embedding: tf.Tensor2D): tf.Tensor2D {
  const active = relu(normaliseFeatures(pass, "projection.norm", embedding));
  const linear = tf.matMul(active, tensorNamed<tf.Tensor2D>(pass.weights, "projection.linear"));
  return tf.add(linear, tensorNamed(pass.weights, "projection.bias"));
}
