import type { Matrix } from "../core/matrix";
import type { NamedArray } from "../core/named-arrays";
import { crossEntropyPerSample } from "../losses/cross-entropy";
import { tf } from "../tf/tensorflow";
import { classifierLogits, type LossOf } from "./backbone-loss";

/** A classifier [dimensions, classes] with the loss that it was trained by. */
export interface TrainedClassifier extends LossOf {
  readonly classifier: NamedArray;
}

const block = 4096;

/** The cross-entropy of a classifier on each embedding against its label, in nats: [rows]. */
export function crossEntropies(embeddings: Matrix, labels: Int32Array, classifier: TrainedClassifier): Float32Array {
  return scores(embeddings, classifier, (logits, from) => {
    const [count] = logits.shape;
    return crossEntropyPerSample(logits, tf.tensor1d(labels.subarray(from, from + count), "int32"));
  });
}

/** The entropy of a classifier's probabilities for each embedding, in nats: [rows]. */
export function entropies(embeddings: Matrix, classifier: TrainedClassifier): Float32Array {
  return scores(embeddings, classifier, (logits) => {
    const logarithms = tf.logSoftmax(logits);
    return tf.neg(tf.sum(tf.mul(tf.exp(logarithms), logarithms), 1));
  });
}

function scores(
  { rows, columns, data }: Matrix,
  { loss, classifier }: TrainedClassifier,
  score: (logits: tf.Tensor2D, from: number) => tf.Tensor,
): Float32Array {
  const found = new Float32Array(rows);
  for (let from = 0; from < rows; from += block) {
    const count = Math.min(block, rows - from);
    const part = tf.tidy(() => {
      const embedding = tf.tensor2d(data.subarray(from * columns, (from + count) * columns), [count, columns]);
      const weights = tf.tensor2d(classifier.data as Float32Array, classifier.shape as [number, number]);
      return score(classifierLogits({ loss }, embedding, weights), from).dataSync();
    });
    found.set(part, from);
  }
  return found;
}
