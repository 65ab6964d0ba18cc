import { unexpected } from "../core/check";
import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";

/** How much an image counts in focal distillation: 1 and 5 are usual. */
export interface FocalWeights {
  /** Of every image that the old model knows the class of; at least 0, as is `right`. */
  readonly base: number;
  /** More of those that the old model answers rightly. */
  readonly right: number;
}

/** Logits [batch, classes] of two models, the labels, and whether the old model knows the class. */
interface Distilled {
  readonly student: tf.Tensor2D;
  /** Without a gradient. */
  readonly old: tf.Tensor2D;
  /** [batch] of int32. */
  readonly labels: tf.Tensor1D;
  /** [batch]: 1 where the class is one of the old model's, else 0. */
  readonly known: tf.Tensor1D;
}

/**
 * Focal distillation of positive-congruent training (Yan et al., CVPR 2021): the mean over the
 * images i of known_i (base + right [old model right]) KL(softmax(old_i) || softmax(student_i)).
 * Throws RangeError on weights below 0.
 */
export function focalDistillation(
  { student, old, labels, known }: Distilled,
  { base, right }: FocalWeights,
): tf.Scalar {
  const bad = [base, right].find((weight) => !(weight >= 0));
  if (bad !== undefined) throw unexpected("weight of focal distillation", "a number of at least 0", bad);
  return tf.tidy(() => {
    const logProbabilities = tf.logSoftmax(old);
    const probabilities = tf.exp(logProbabilities) as tf.Tensor2D;
    const entropy = tf.neg(tf.sum(tf.mul(probabilities, logProbabilities), 1));
    // KL(p || q) is the cross-entropy of q against p less the entropy of p.
    const divergence = tf.sub(softmaxCrossEntropy(student, probabilities), entropy);
    const isRight = tf.cast(tf.equal(tf.argMax(old, 1), labels), "float32");
    const weights = tf.mul(known, tf.add(base, tf.mul(isRight, right)));
    return tf.mean<tf.Scalar>(tf.mul(divergence, weights));
  });
}
