import { positive, unexpected } from "../core/check";
import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { inFloat32 } from "../tf/tensors";
import { unitRows } from "./unit-rows";

/**
 * NT-Xent, SimCLR's loss (arXiv 2002.05709, eq. 1). Rows i and i + n of `projections`
 * [2n, dimensions] are two views of one item; all other rows are negatives. Mean over the 2n rows.
 * Throws RangeError on an odd number of rows or a temperature that is not above 0.
 */
export function contrastive(projections: tf.Tensor2D, { temperature }: { readonly temperature: number }): tf.Scalar {
  return tf.tidy(() => {
    const similarities = viewSimilarities(projections, temperature);
    return tf.mean(softmaxCrossEntropy(similarities, partners(projections.shape[0])));
  });
}

/** Each row is one-hot at the other view of its item: [rows, rows]. */
function partners(rows: number): tf.Tensor2D {
  const half = rows / 2;
  const order = tf.concat([tf.range(half, rows, 1, "int32"), tf.range(0, half, 1, "int32")]);
  return tf.oneHot(order, rows, 1, 0, "float32") as tf.Tensor2D;
}

/**
 * SupCon (arXiv 2004.11362, eq. 2, L_out): NT-Xent in which all rows of the same class attract one
 * another, with equal shares. Rows i and i + n of `projections` [2n, dimensions] are two views of
 * item i; `labels` [n], int32. Mean over the 2n rows. Throws as `contrastive` does.
 */
export function supervisedContrastive(
  projections: tf.Tensor2D,
  labels: tf.Tensor1D,
  { temperature }: { readonly temperature: number },
): tf.Scalar {
  return tf.tidy(() => {
    const similarities = viewSimilarities(projections, temperature);
    const positives = tf.add(sameClass(tf.concat([labels, labels])), onDiagonal(projections.shape[0], -1));
    return tf.mean(softmaxCrossEntropy(similarities, tf.div(positives, tf.sum(positives, 1, true))));
  });
}

// Its exponential is 0 in 32 bits; finite, since 0 times infinity is not a number.
const never = -1e9;

/**
 * Logits [rows, rows]: cosines between the rows of `projections` [rows, dimensions], divided by the
 * temperature. A row never matches itself.
 */
function viewSimilarities(projections: tf.Tensor2D, temperature: number): tf.Tensor2D {
  const rows = projections.shape[0];
  positive("temperature", temperature);
  if (rows % 2 !== 0) throw unexpected("rows", "an even number, two views of each item", rows);
  return tf.tidy(() => {
    const unit = unitRows(projections);
    const cosines = inFloat32(() => tf.matMul(unit, unit, false, true));
    const similarities = tf.mul(cosines, 1 / temperature);
    return tf.add(similarities, onDiagonal(rows, never)) as tf.Tensor2D;
  });
}

/** `value` on the diagonal, 0 elsewhere: [rows, rows]. */
export function onDiagonal(rows: number, value: number): tf.Tensor2D {
  return tf.oneHot(tf.range(0, rows, 1, "int32"), rows, value, 0, "float32") as tf.Tensor2D;
}

/** 1 if two of `labels` ([rows], int32) are equal, else 0; the diagonal is 1: [rows, rows]. */
export function sameClass(labels: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => tf.cast(tf.equal(tf.expandDims(labels, 1), tf.expandDims(labels, 0)), "float32") as tf.Tensor2D);
}
