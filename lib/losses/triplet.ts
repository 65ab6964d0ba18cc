import { tf } from "../tf/tensorflow";
import { onDiagonal, sameClass } from "./contrastive";
import { unitRows } from "./unit-rows";

// Far below the distances in use, and far above their rounding, whose square root would have a huge slope.
const tiny = 1e-6;

// Above the largest distance of unit vectors, 2.
const far = 4;

/**
 * Batch-hard triplet loss (arXiv 1703.07737, eq. 5) on `embedding` [batch, dimensions], L2-normalised here, with Euclidean distances: for each item
 * max(0, margin + farthest of its class - nearest of another), mean over the items that have both. `labels` [batch], int32.
 * Throws RangeError on a margin that is not above 0.
 */
export function triplet(
  embedding: tf.Tensor2D,
  labels: tf.Tensor1D,
  { margin }: { readonly margin: number },
): tf.Scalar {
  if (!(margin > 0 && Number.isFinite(margin))) throw new RangeError(`margin ${margin}: allowed is a number above 0`);
  return tf.tidy(() => {
    const distance = distances(unitRows(embedding));
    const same = sameClass(labels);
    const positive = tf.add(same, onDiagonal(embedding.shape[0], -1));
    const farthest = tf.max(tf.mul(distance, positive), 1);
    const nearest = tf.min(tf.add(distance, tf.mul(same, far)), 1);
    const complete = tf.mul(holdsOne(positive), holdsOne(tf.sub(1, same)));
    const losses = tf.mul(tf.relu(tf.add(tf.sub(farthest, nearest), margin)), complete);
    return tf.div(tf.sum(losses), tf.maximum(tf.sum(complete), 1)) as tf.Scalar;
  });
}

/** Euclidean distances between unit rows: [rows, rows]. */
function distances(unit: tf.Tensor2D): tf.Tensor {
  const squares = tf.sub(2, tf.mul(tf.matMul(unit, unit, false, true), 2));
  return tf.sqrt(tf.add(tf.relu(squares), tiny));
}

/** 1 for a row that holds a 1, else 0. */
function holdsOne(ones: tf.Tensor): tf.Tensor {
  return tf.max(ones, 1);
}
