import { tf } from "../tf/tensorflow";
import { unitRows } from "./unit-rows";

// Its exponential is 0 in 32 bits, whatever the temperature; finite, since 0 * infinity is not a number.
const never = -1e9;

/**
 * Cosines between the rows of `projections` [rows, dimensions] over the temperature, as logits [rows, rows]; a row is never its own match.
 * Throws RangeError on an odd number of rows (they are two views of each item) or a temperature that is not above 0.
 */
export function viewSimilarities(projections: tf.Tensor2D, temperature: number): tf.Tensor2D {
  const rows = projections.shape[0];
  if (!(temperature > 0)) throw new RangeError(`temperature ${temperature}: allowed is a number above 0`);
  if (rows % 2 !== 0) throw new RangeError(`${rows} rows: two views of each item make an even number`);
  return tf.tidy(() => {
    const unit = unitRows(projections);
    const similarities = tf.mul(tf.matMul(unit, unit, false, true), 1 / temperature);
    return tf.add(similarities, onDiagonal(rows, never)) as tf.Tensor2D;
  });
}

/** `value` on the diagonal, 0 elsewhere: [rows, rows]. */
export function onDiagonal(rows: number, value: number): tf.Tensor2D {
  return tf.oneHot(tf.range(0, rows, 1, "int32"), rows, value, 0, "float32") as tf.Tensor2D;
}
