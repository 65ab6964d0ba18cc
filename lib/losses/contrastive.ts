import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { viewSimilarities } from "./similarities";

/**
 * NT-Xent of SimCLR (arXiv 2002.05709, eq. 1): rows i and i + n of `projections` [2n, dimensions] are two views of one item, all
 * other rows are negatives. Mean over the 2n rows. Throws on an odd number of rows or a temperature that is not above 0.
 */
export function contrastive(projections: tf.Tensor2D, { temperature }: { readonly temperature: number }): tf.Scalar {
  return tf.tidy(() => {
    const similarities = viewSimilarities(projections, temperature);
    return tf.mean(softmaxCrossEntropy(similarities, partners(projections.shape[0])));
  });
}

/** One-hot rows at the other view of each row: [rows, rows]. */
function partners(rows: number): tf.Tensor2D {
  const half = rows / 2;
  const order = tf.concat([tf.range(half, rows, 1, "int32"), tf.range(0, half, 1, "int32")]);
  return tf.oneHot(order, rows, 1, 0, "float32") as tf.Tensor2D;
}
