import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import { type ClassSelection, classesOf } from "../data/splits/class-selection";
import { alignment } from "../losses/alignment";
import { compatibility } from "../losses/compatibility";
import { unitRows } from "../losses/unit-rows";
import { type Architecture, embeddings } from "../nn/networks/network";
import { evaluation } from "../nn/pass";
import { toTensors } from "../nn/weights";
import { entriesAt } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { type BackboneLoss, classifierLogits } from "./backbone-loss";
import { type DistilledFrom, distilledLoss, teachersOf } from "./distilled-term";

/**
 * An old model that takes part in a new backbone's training: by BCT, by the L2 baseline, or by its
 * answers.
 */
export type OldModel = CompatibleWith | AlignedWith | DistilledFrom;

/**
 * BCT: the new backbone stays compatible with an old classifier, by the loss
 * L_new + weight * L_old (losses/compatibility.ts); the weight is the paper's lambda.
 */
interface CompatibleWith {
  readonly kind: "compatible";
  /**
   * The old model's weights, "classifier" [embedding, classes] among them, or such a classifier
   * made of class means (`meansClassifier`).
   */
  readonly classifier: NamedArrays;
  /** The loss by which the old classifier was trained, and by which it reads embeddings. */
  readonly oldLoss?: BackboneLoss | undefined;
  readonly oldClasses: ClassSelection;
  readonly weight: number;
}

/**
 * An L2 baseline: the new backbone's embeddings are aligned with an old network's, over all images,
 * by the loss L_new + weight * mean squared error (losses/alignment.ts), which is our own; or by
 * the squared error of unit vectors alone, as openBCT has it.
 */
interface AlignedWith {
  readonly kind: "aligned";
  readonly architecture: Architecture;
  readonly weights: NamedArrays;
  readonly weight: number;
  /** Are the old embeddings unit vectors? */
  readonly unit: boolean;
  readonly alone?: boolean | undefined;
}

/** A batch with the new model's embeddings as it stores them. */
interface NewBatch {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D;
  readonly embedding: tf.Tensor2D;
  /** What its classifier makes of them. Throws Error if it has none. */
  readonly logits: () => tf.Tensor2D;
}

/** What an old model adds to a new one's loss. */
export interface OldTerm {
  /** Weights of an old network, which `loss` is given back as tensors; empty for a classifier. */
  readonly frozen: NamedArrays;
  /** Is it the whole loss? Then the new model has no classifier. */
  readonly alone: boolean;
  /** The old model's loss, weighted. */
  readonly loss: (batch: NewBatch, frozen: Tensors) => tf.Scalar;
  readonly dispose: () => void;
}

/** The new model to whose loss the term is added. */
interface NewModel {
  /** Dimensions of its embedding. */
  readonly dimensions: number;
  readonly classNames: readonly string[];
  /** Label smoothing. */
  readonly smoothing: number;
}

/**
 * The old model's term in the new model's loss. Throws Error if BCT's old model has no classifier,
 * and RangeError if the old embedding's dimensions are not the new one's.
 */
export function oldTerm(old: OldModel, model: NewModel): OldTerm {
  switch (old.kind) {
    case "compatible":
      return compatibleTerm(old, model);
    case "aligned":
      return alignedTerm(old, model);
    case "distilled":
      return distilledTerm(old, model);
  }
}

function compatibleTerm({ classifier, oldLoss, oldClasses, weight }: CompatibleWith, model: NewModel): OldTerm {
  const { smoothing } = model;
  // Constants of the step, not part of its state: TensorFlow folds them, and committed results were
  // computed that way.
  const tensors = toTensors({
    classifier: oldClassifier(classifier, oldLoss, model),
    isOld: indicator(oldClasses, model.classNames),
  });
  return {
    frozen: {},
    alone: false,
    loss: ({ embedding, labels }) => {
      const mask = entriesAt(tensorNamed<tf.Tensor1D>(tensors, "isOld"), labels);
      const logits = classifierLogits({ loss: oldLoss }, embedding, tensorNamed(tensors, "classifier"));
      return tf.mul<tf.Scalar>(compatibility({ logits, labels, mask }, { smoothing }), weight);
    },
    dispose: () => tf.dispose({ ...tensors }),
  };
}

function oldClassifier(weights: NamedArrays, loss: BackboneLoss | undefined, { dimensions }: NewModel): NamedArray {
  if (weights.classifier === undefined) {
    const reason = loss === undefined ? "" : `: it was trained with the ${loss.kind} loss`;
    throw new Error(`BCT needs the old model's classifier, and the old model has no classifier${reason}`);
  }
  const classifier = arrayNamed(weights, "classifier");
  const [taken] = classifier.shape;
  if (taken !== dimensions) {
    throw new RangeError(
      `BCT needs one embedding size: the old classifier takes ${taken} dimensions, the new embedding has ${dimensions}`,
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

function distilledTerm(old: DistilledFrom, { classNames }: NewModel): OldTerm {
  const tensors = toTensors({ isOld: indicator(old.oldClasses, classNames) });
  return {
    frozen: teachersOf(old),
    alone: false,
    loss: ({ images, labels, logits }, frozen) => {
      const known = entriesAt(tensorNamed<tf.Tensor1D>(tensors, "isOld"), labels);
      return distilledLoss(old, { images, labels, logits: logits(), known }, frozen);
    },
    dispose: () => tf.dispose({ ...tensors }),
  };
}

function alignedTerm(
  { architecture, weights, weight, unit, alone = false }: AlignedWith,
  { dimensions }: NewModel,
): OldTerm {
  const taken = architecture.embedding;
  if (taken !== dimensions) {
    throw new RangeError(
      `the L2 baseline needs one embedding size: the old embedding has ${taken} dimensions, the new one ${dimensions}`,
    );
  }
  return {
    frozen: weights,
    alone,
    loss: ({ images, embedding }, tensors) => {
      const old = embeddings(architecture, evaluation(tensors), images);
      const target = unit || alone ? unitRows(old) : old;
      return tf.mul<tf.Scalar>(alignment(alone ? unitRows(embedding) : embedding, target), weight);
    },
    dispose: () => {},
  };
}
