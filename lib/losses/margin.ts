import { positive, unexpected } from "../core/check";
import { tf } from "../tf/tensorflow";
import { inFloat32 } from "../tf/tensors";
import { unitRows } from "./unit-rows";

/**
 * A margin by which the right class must win: ArcFace adds it to the angle (radians), CosFace
 * subtracts it from the cosine.
 */
export interface MarginRecipe {
  readonly kind: "arcface" | "cosface";
  /** Factor by which cosines are multiplied, s in both papers; above 0. */
  readonly scale: number;
  /** m in both papers; in [0, pi) for ArcFace, in [0, 2) for CosFace. */
  readonly margin: number;
}

// The slope of the sine is infinite at a cosine of ±1: closer to it, the sine counts as constant.
const largestCosine = 1 - 1e-6;

/**
 * Logits [batch, classes] for crossEntropy, of `embedding` [batch, dimensions] by `classifier`
 * [dimensions, classes], both L2-normalised here. ArcFace (arXiv 1801.07698, eq. 3), CosFace
 * (arXiv 1801.09414, eq. 4). Throws RangeError on a scale or margin out of range.
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

/** What the margin adds to the cosine of a class that is the right one: [batch, classes]. */
function penalty(cosines: tf.Tensor2D, { kind, margin }: MarginRecipe): tf.Tensor {
  switch (kind) {
    case "arcface":
      // cos(angle + margin) - cos(angle) by the addition theorem. An arc cosine would have an
      // infinite slope at both ends.
      return tf.sub(tf.mul(cosines, Math.cos(margin) - 1), tf.mul(sines(cosines), Math.sin(margin)));
    case "cosface":
      return tf.scalar(-margin);
  }
}

function sines(cosines: tf.Tensor2D): tf.Tensor {
  return tf.sqrt(tf.sub(1, tf.square(tf.clipByValue(cosines, -largestCosine, largestCosine))));
}

// Margins lie below these: the largest angle, and the largest difference of two cosines.
const marginLimits: Readonly<Record<MarginRecipe["kind"], number>> = { arcface: Math.PI, cosface: 2 };

/** `recipe`. Throws RangeError on a scale or margin out of range. */
export function checkMargin(recipe: MarginRecipe): MarginRecipe {
  const { kind, scale, margin } = recipe;
  const limit = marginLimits[kind];
  positive("scale", scale);
  if (!(margin >= 0 && margin < limit)) throw unexpected(`${kind} margin`, `a number in [0, ${limit})`, margin);
  return recipe;
}

/**
 * Cosines [batch, classes] between the rows of `embedding` [batch, dimensions] and the columns of
 * `classifier` [dimensions, classes].
 */
export function classCosines(embedding: tf.Tensor2D, classifier: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const [rows, columns] = [unitRows(embedding), unitRows(tf.transpose(classifier))];
    return inFloat32(() => tf.matMul(rows, columns, false, true)) as tf.Tensor2D;
  });
}
