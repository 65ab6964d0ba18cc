import { canonicalJson } from "../core/hash";
import { arrayNamed, type NamedArrays } from "../core/named-arrays";
import { random } from "../core/random";
import type { StepContext } from "../core/step";
import { type ClassSelection, classesOf } from "../data/class-selection";
import { classSubset } from "../data/class-subset";
import type { Augmentation, Dataset } from "../data/dataset";
import type { DatasetRecipe } from "../data/load-dataset";
import { compatibility } from "../losses/compatibility";
import { crossEntropy } from "../losses/cross-entropy";
import { initialLinear } from "../nn/initial";
import { type Architecture, embeddings, initialNetwork } from "../nn/network";
import type { OptimizerRecipe } from "../optim/optimizer";
import type { ScheduleRecipe } from "../optim/schedule";
import { weightNamed } from "../tf/gradients";
import { entriesAt } from "../tf/native";
import { tf } from "../tf/tensorflow";
import type { BackboneLoss } from "./backbone-loss";
import { type Fitted, fit } from "./fit";
import { imageBatches } from "./image-batches";
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

/** An old classifier that a new backbone shall stay compatible with (BCT), and the weight lambda of that term. */
export interface CompatibleWith {
  readonly kind: "compatible";
  /** The old model's weights, "classifier" [embedding, classes] among them. */
  readonly classifier: NamedArrays;
  /** The loss that the old model was trained with, by which its classifier reads embeddings. */
  readonly oldLoss?: BackboneLoss;
  readonly oldClasses: ClassSelection;
  readonly weight: number;
}

/** An old network whose embeddings a new backbone shall stay near, in squared error: openBCT's L2 baseline, on all images. */
export interface AlignedWith {
  readonly kind: "aligned";
  readonly architecture: Architecture;
  readonly weights: NamedArrays;
  readonly weight: number;
  /** Are the old embeddings unit vectors? */
  readonly unit: boolean;
}

/** Trains a backbone with its linear classifier (FCT, section 5.1); with `compatible`, by BCT's loss L_new + lambda L_old. */
export async function trainBackbone(
  recipe: BackboneRecipe,
  dataset: Dataset,
  context: StepContext,
  compatible: CompatibleWith | AlignedWith | null = null,
): Promise<Fitted> {
  const split = classSubset(dataset.train, classesOf(recipe.classes, dataset.train.classNames));
  const stream = [recipe.seed, "backbone", canonicalJson(recipe), compatible === null ? "" : "compatible"];
  const frozen = compatible?.kind === "compatible" ? frozenClassifier(compatible, dataset) : null;
  try {
    return await fit(
      {
        weights: initialBackbone(recipe, dataset.train.classNames.length, stream),
        loss: backboneLoss(recipe, frozen),
        optimizer: recipe.optimizer,
        schedule: recipe.schedule,
        batches: (epoch) => imageBatches({ split, stream, ...recipe }, epoch),
        samplesPerEpoch: split.labels.length,
      },
      context,
    );
  } finally {
    tf.dispose(frozen?.tensors ?? []);
  }
}

function initialBackbone(recipe: BackboneRecipe, classes: number, stream: readonly (string | number)[]): NamedArrays {
  const start = random(...stream, "start");
  const network = initialNetwork(recipe.architecture, start);
  return { ...network, classifier: initialLinear(start, recipe.architecture.embedding, classes) };
}

interface Frozen {
  readonly weight: number;
  readonly tensors: {
    readonly classifier: tf.Tensor2D /** [classes]: 1 for an old class, else 0. */;
    readonly isOld: tf.Tensor1D;
  };
}

function frozenClassifier({ classifier, oldClasses, weight }: CompatibleWith, { train }: Dataset): Frozen {
  const { shape, data } = arrayNamed(classifier, "classifier");
  const isOld = new Float32Array(train.classNames.length);
  for (const label of classesOf(oldClasses, train.classNames)) isOld[label] = 1;
  return { weight, tensors: { classifier: tf.tensor2d(data, shape as [number, number]), isOld: tf.tensor1d(isOld) } };
}

function backboneLoss({ architecture, labelSmoothing: smoothing }: BackboneRecipe, frozen: Frozen | null): Loss {
  return (pass, batch) => {
    const labels = weightNamed<tf.Tensor1D>(batch, "labels");
    const embedding = embeddings(architecture, pass, weightNamed(batch, "images"));
    const logits = tf.matMul(embedding, weightNamed<tf.Tensor2D>(pass.weights, "classifier")) as tf.Tensor2D;
    const own = crossEntropy(logits, labels, { smoothing });
    if (frozen === null) return own;
    const { classifier: oldClassifier, isOld } = frozen.tensors;
    const old = compatibility({ embedding, oldClassifier, labels, mask: entriesAt(isOld, labels) }, { smoothing });
    return tf.add(own, tf.mul(old, frozen.weight));
  };
}
