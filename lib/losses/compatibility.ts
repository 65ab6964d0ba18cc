import { tf } from "../tf/tensorflow";
import { crossEntropyPerSample, type Smoothing } from "./cross-entropy";

/** A batch as the frozen old classifier sees it. */
interface CompatibilityBatch {
  /** The old classifier's logits of the new model's embeddings: [batch, classes]. */
  readonly logits: tf.Tensor2D;
  /** Classes [batch], int32; ignored if the mask is 0. */
  readonly labels: tf.Tensor1D;
  /** [batch], float32: 1 for a sample of an old class, else 0. */
  readonly mask: tf.Tensor1D;
}

/**
 * L_old of backward-compatible training (BCT, arXiv 2003.11942: the influence loss). BCT minimises
 * L_new + lambda L_old(old classifier): L_old is the cross-entropy of the frozen old classifier on
 * the new embeddings, averaged over the samples of old classes; 0 if there are none.
 * training/old-term.ts weighs it, and training/backbone.ts adds it to L_new.
 */
export function compatibility(
  { logits, labels, mask }: CompatibilityBatch,
  { smoothing = 0 }: Smoothing = {},
): tf.Scalar {
  return tf.tidy(() => {
    const losses = crossEntropyPerSample(logits, labels, { smoothing });
    return tf.div(tf.sum(tf.mul(losses, mask)), tf.maximum(tf.sum(mask), 1));
  });
}
