import { tf } from "../tf/tensorflow";
import { crossEntropyPerSample, type Smoothing } from "./cross-entropy";

/** A batch as the frozen old classifier sees it. */
interface CompatibilityBatch {
  /** Of the old classifier on the new model's embeddings: [batch, classes]. */
  readonly logits: tf.Tensor2D;
  /** Classes [batch], int32; what stands where the mask is 0 does not matter. */
  readonly labels: tf.Tensor1D;
  /** [batch], float32: 1 for a sample of an old class, else 0. */
  readonly mask: tf.Tensor1D;
}

/** BCT's second term (arXiv 2003.11942, the influence loss): cross-entropy of the old classifier on new embeddings, mean over the masked samples; 0 if none. */
export function compatibility(
  { logits, labels, mask }: CompatibilityBatch,
  { smoothing = 0 }: Smoothing = {},
): tf.Scalar {
  return tf.tidy(() => {
    const losses = crossEntropyPerSample(logits, labels, { smoothing });
    return tf.div(tf.sum(tf.mul(losses, mask)), tf.maximum(tf.sum(mask), 1));
  });
}
