import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { unitRows } from "./unit-rows";

// Its exponential is 0 in 32 bits, whatever the temperature; finite, since 0 * infinity is not a number.
const never = -1e9;

/**
 * NT-Xent of SimCLR (arXiv 2002.05709, eq. 1): rows i and i + n of `projections` [2n, dimensions] are two views of one item, all
 * other rows are negatives. Mean over the 2n rows. Throws on an odd number of rows or a temperature that is not above 0.
 */
export function contrastive(projections: tf.Tensor2D, { temperature }: { readonly temperature: number }): tf.Scalar {
  const rows = projections.shape[0];
  if (!(temperature > 0)) throw new RangeError(`temperature ${temperature}: allowed is a number above 0`);
  if (rows % 2 !== 0) throw new RangeError(`${rows} rows: two views of each item make an even number`);
  return tf.tidy(() => {
    const unit = unitRows(projections);
    const similarities = tf.mul(tf.matMul(unit, unit, false, true), 1 / temperature);
    return tf.mean(softmaxCrossEntropy(tf.add(similarities, onDiagonal(rows, never)), partners(rows)));
  });
}

/** `value` on the diagonal, 0 elsewhere: [rows, rows]. */
function onDiagonal(rows: number, value: number): tf.Tensor2D {
  return tf.oneHot(tf.range(0, rows, 1, "int32"), rows, value, 0, "float32") as tf.Tensor2D;
}

/** One-hot rows at the other view of each row: [rows, rows]. */
function partners(rows: number): tf.Tensor2D {
  const half = rows / 2;
  const order = tf.concat([tf.range(half, rows, 1, "int32"), tf.range(0, half, 1, "int32")]);
  return tf.oneHot(order, rows, 1, 0, "float32") as tf.Tensor2D;
}
