import { entriesAt } from "../tf/native";
import { tf } from "../tf/tensorflow";

/**
 * The rows of `table` [count, width] whose numbers are `ids` [rows] of int32: [rows, width]. The
 * gradient to a row of the table is the sum over all places that it is taken from.
 */
export function embeddingRows(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  const [count] = table.shape;
  const run = tf.customGrad((rows, save) => {
    (save as tf.GradSaveFunc)([ids]);
    const gradFunc = (dy: tf.Tensor, [saved = dy]: tf.Tensor[]): tf.Tensor =>
      tf.unsortedSegmentSum(dy, saved as tf.Tensor1D, count);
    return { value: entriesAt(rows as tf.Tensor2D, ids), gradFunc };
  });
  return run(table) as tf.Tensor2D;
}
