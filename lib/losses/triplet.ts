import { positive } from "../core/check";
import { tf } from "../tf/tensorflow";
import { inFloat32 } from "../tf/tensors";
import { onDiagonal, sameClass } from "./contrastive";
import { unitRows } from "./unit-rows";

// Added to squared distances: far below those in use, far above their rounding errors, near which
// the slope of the square root would be huge.
const tiny = 1e-6;

// Above the largest distance of unit vectors, 2.
const far = 4;

/**
 * Batch-hard triplet loss (arXiv 1703.07737, eq. 5) of `embedding` [batch, dimensions],
 * L2-normalised here, with Euclidean distances; `labels` [batch], int32. Of each item it takes
 *
 *     max(0, margin + farthest of its class - nearest of another class)
 *
 * and averages over the items that have both. Throws RangeError on a margin that is not above 0.
 */
export function triplet(
  embedding: tf.Tensor2D,
  labels: tf.Tensor1D,
  { margin }: { readonly margin: number },
): tf.Scalar {
  positive("margin", margin);
  return tf.tidy(() => {
    const distance = distances(unitRows(embedding));
    const same = sameClass(labels);
    const positives = tf.add(same, onDiagonal(embedding.shape[0], -1));
    const farthest = tf.max(tf.mul(distance, positives), 1);
    const nearest = tf.min(tf.add(distance, tf.mul(same, far)), 1);
    const complete = tf.mul(hasOne(positives), hasOne(tf.sub(1, same)));
    const losses = tf.mul(tf.relu(tf.add(tf.sub(farthest, nearest), margin)), complete);
    return tf.div(tf.sum(losses), tf.maximum(tf.sum(complete), 1)) as tf.Scalar;
  });
}

/** Euclidean distances between the rows of `unit`, which are unit vectors: [rows, rows]. */
function distances(unit: tf.Tensor2D): tf.Tensor {
  const squares = tf.sub(
    2,
    tf.mul(
      inFloat32(() => tf.matMul(unit, unit, false, true)),
      2,
    ),
  );
  return tf.sqrt(tf.add(tf.relu(squares), tiny));
}

/** For each row of `ones`, whose values are 0 and 1: 1 if it contains a 1, else 0. */
function hasOne(ones: tf.Tensor): tf.Tensor {
  return tf.max(ones, 1);
}
