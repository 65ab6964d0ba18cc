import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import { type ClassSelection, classesOf } from "../data/splits/class-selection";
import { alignment } from "../losses/alignment";
import { compatibility } from "../losses/compatibility";
import { unitRows } from "../losses/unit-rows";
import { type Architecture, embeddings } from "../nn/network";
import { evaluation } from "../nn/pass";
import { toTensors } from "../nn/weights";
import { entriesAt } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { type BackboneLoss, classifierLogits } from "./backbone-loss";

/** An old classifier that a new backbone shall stay compatible with (BCT), and the weight lambda of that term. */
export interface CompatibleWith {
  readonly kind: "compatible";
  /** The old model's weights, "classifier" [embedding, classes] among them. */
  readonly classifier: NamedArrays;
  /** The loss that the old model was trained with, by which its classifier reads embeddings. */
  readonly oldLoss?: BackboneLoss | undefined;
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

/** A batch with the new model's embeddings as it stores them. */
interface NewBatch {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
  readonly embedding: tf.Tensor2D;
}

/** What an old model adds to a new one's loss, and its weight. A whole network is given to the loss as `frozen` tensors; a classifier is its own. */
export interface OldTerm {
  readonly weight: number;
  readonly frozen: NamedArrays;
  readonly loss: (batch: NewBatch, frozen: Tensors) => tf.Scalar;
  readonly dispose: () => void;
}

/** The new model that the term is added to: dimensions of its embedding, all class names, and the smoothing of its labels. */
interface NewModel {
  readonly dimensions: number;
  readonly classNames: readonly string[];
  readonly smoothing: number;
}

/** The term of an old model. Throws Error where that has no classifier, RangeError where its embedding has other dimensions than the new one. */
export function oldTerm(old: CompatibleWith | AlignedWith, model: NewModel): OldTerm {
  switch (old.kind) {
    case "compatible":
      return compatibleTerm(old, model);
    case "aligned":
      return alignedTerm(old, model);
  }
}

function compatibleTerm({ classifier, oldLoss, oldClasses, weight }: CompatibleWith, model: NewModel): OldTerm {
  const { smoothing } = model;
  // Constants of the step, not part of its state: TensorFlow folds them, and results that exist were computed so.
  const tensors = toTensors({
    classifier: oldClassifier(classifier, oldLoss, model),
    isOld: indicator(oldClasses, model.classNames),
  });
  return {
    weight,
    frozen: {},
    loss: ({ embedding, labels }) => {
      const mask = entriesAt(tensorNamed(tensors, "isOld"), labels);
      const logits = classifierLogits({ loss: oldLoss }, embedding, tensorNamed(tensors, "classifier"));
      return compatibility({ logits, labels, mask }, { smoothing });
    },
    dispose: () => tf.dispose({ ...tensors }),
  };
}

function oldClassifier(weights: NamedArrays, loss: BackboneLoss | undefined, { dimensions }: NewModel): NamedArray {
  if (weights.classifier === undefined) {
    const reason = loss === undefined ? "" : `, being trained with the ${loss.kind} loss`;
    throw new Error(`the old model has no classifier${reason}: backward-compatible training needs one`);
  }
  const classifier = arrayNamed(weights, "classifier");
  const [taken] = classifier.shape;
  if (taken !== dimensions) {
    throw new RangeError(
      `the old classifier takes embeddings of ${taken} dimensions and the new embedding has ${dimensions}: backward-compatible training cannot apply`,
    );
  }
  return classifier;
}

/** [classes]: 1 for a selected class, else 0. */
function indicator(classes: ClassSelection, classNames: readonly string[]): NamedArray {
  const data = new Float32Array(classNames.length);
  for (const label of classesOf(classes, classNames)) data[label] = 1;
  return { shape: [data.length], data };
}

function alignedTerm({ architecture, weights, weight, unit }: AlignedWith, { dimensions }: NewModel): OldTerm {
  if (architecture.embedding !== dimensions) {
    throw new RangeError(
      `the old embedding has ${architecture.embedding} dimensions and the new one ${dimensions}: there is no squared error between them`,
    );
  }
  return {
    weight,
    frozen: weights,
    loss: ({ images, embedding }, tensors) => {
      const old = embeddings(architecture, evaluation(tensors), images);
      return alignment(embedding, unit ? unitRows(old) : old);
    },
    dispose: () => {},
  };
}
