import { softmaxCrossEntropy } from "../tf/native";
import { tf } from "../tf/tensorflow";
import { sameClass } from "./same-class";
import { onDiagonal, viewSimilarities } from "./similarities";

/**
 * SupCon (arXiv 2004.11362, eq. 2, L_out): as NT-Xent, but every row of the same class attracts, each with the same share. Rows i and i + n of
 * `projections` [2n, dimensions] are two views of item i, `labels` [n] of int32. Mean over the 2n rows. Throws as contrastive does.
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
