import { oneOf } from "../../core/check";
import type { BackboneLoss } from "../../training/backbone-loss";
import type { TransformationRecipe } from "../../training/transformation";
import type { Recipes } from "./base";
import { laptop } from "./laptop";
import { paper } from "./paper";
import { quick } from "./quick";

// Scales and margins as in the losses' papers, for unit vectors.
export const normalised: BackboneLoss = { kind: "normalised-softmax", scale: 16 };
export const arcface: BackboneLoss = { kind: "arcface", scale: 16, margin: 0.3 };
export const cosface: BackboneLoss = { kind: "cosface", scale: 16, margin: 0.2 };
export const batchHardTriplet: BackboneLoss = { kind: "triplet", margin: 0.2, perClass: 4 };

/** What makes h FastFill's: its loss (arXiv 2303.04766, weight 1, smoothing 0.1). */
export const fastfill: Pick<TransformationRecipe, "loss"> = { loss: { kind: "fastfill", weight: 1, smoothing: 0.1 } };

/** Weight of the squared error to the old embedding in the L2 baseline. */
export const alignmentWeight = 10;

/**
 * The recipes of a scale for one seed, which goes into every recipe. A training draws its random
 * numbers (initial weights, order, augmentation) from streams named by the seed and the recipe; the
 * views and the share of images that h learns from are named by the seed alone (core/random.ts).
 * Classes and datasets do not depend on it. Throws RangeError if there is no such scale.
 */
export function recipesAt(scale: string, seed: number): Recipes {
  switch (oneOf("scale", scale, ["quick", "laptop", "paper"])) {
    case "quick":
      return quick(seed);
    case "laptop":
      return laptop(seed);
    case "paper":
      return paper("imagenet-1k", seed);
  }
}
