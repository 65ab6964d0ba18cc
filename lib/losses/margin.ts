import { tf } from "../tf/tensorflow";
import { unitRows } from "./unit-rows";

/** A margin on the right class: ArcFace adds it to the angle (radians), CosFace takes it off the cosine. */
export interface MarginRecipe {
  readonly kind: "arcface" | "cosface";
  /** Factor on the cosines, s in both papers; above 0. */
  readonly scale: number;
  /** m in both papers; in [0, pi) for ArcFace, in [0, 2) for CosFace. */
  readonly margin: number;
}

// At a cosine of 1 the sine has no slope; a cosine this close to it is taken as constant.
const largestCosine = 1 - 1e-6;

/**
 * Logits [batch, classes] for crossEntropy, from `embedding` [batch, dimensions] and `classifier` [dimensions, classes], both
 * L2-normalised here. ArcFace (arXiv 1801.07698, eq. 3), CosFace (arXiv 1801.09414, eq. 4). Throws on a scale or margin out of range.
 */
export function marginLogits(
  embedding: tf.Tensor2D,
  classifier: tf.Tensor2D,
  labels: tf.Tensor1D,
  recipe: MarginRecipe,
): tf.Tensor2D {
  checkMargin(recipe);
  return tf.tidy(() => {
    const cosines = classCosines(embedding, classifier);
    const right = tf.oneHot(labels, cosines.shape[1], 1, 0, "float32") as tf.Tensor2D;
    return tf.mul(tf.add(cosines, tf.mul(right, penalty(cosines, recipe))), recipe.scale) as tf.Tensor2D;
  });
}

/** What the margin adds to each cosine, were its class the right one: [batch, classes]. */
function penalty(cosines: tf.Tensor2D, { kind, margin }: MarginRecipe): tf.Tensor {
  switch (kind) {
    case "arcface":
      // cos(angle + margin) - cos(angle) by the addition theorem: no arc cosine, whose slope is infinite at both ends.
      return tf.sub(tf.mul(cosines, Math.cos(margin) - 1), tf.mul(sines(cosines), Math.sin(margin)));
    case "cosface":
      return tf.scalar(-margin);
  }
}

function sines(cosines: tf.Tensor2D): tf.Tensor {
  return tf.sqrt(tf.sub(1, tf.square(tf.clipByValue(cosines, -largestCosine, largestCosine))));
}

function checkMargin({ kind, scale, margin }: MarginRecipe): void {
  const limit = kind === "arcface" ? Math.PI : 2;
  if (!(scale > 0 && Number.isFinite(scale))) throw new RangeError(`scale ${scale}: allowed is a number above 0`);
  if (!(margin >= 0 && margin < limit)) throw new RangeError(`${kind} margin ${margin}: allowed is [0, ${limit})`);
}

/** Cosines of each row of `embedding` [batch, dimensions] with each column of `classifier` [dimensions, classes]: [batch, classes]. */
export function classCosines(embedding: tf.Tensor2D, classifier: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(unitRows(embedding), unitRows(tf.transpose(classifier)), false, true) as tf.Tensor2D);
}
