import type { BackboneLoss } from "../training/backbone-loss";
import type { TransformationRecipe } from "../training/transformation";
import { laptop } from "./laptop-recipes";
import { paper } from "./paper-recipes";
import { quick } from "./quick-recipes";
import type { Recipes } from "./recipe-set";

// Scales and margins as in the losses' papers, for unit vectors.
export const normalised: BackboneLoss = { kind: "normalised-softmax", scale: 16 };
export const arcface: BackboneLoss = { kind: "arcface", scale: 16, margin: 0.3 };
export const cosface: BackboneLoss = { kind: "cosface", scale: 16, margin: 0.2 };
export const triplet: BackboneLoss = { kind: "triplet", margin: 0.2, perClass: 4 };

/** What makes h FastFill's: its loss (arXiv 2303.04766, weight 1, smoothing .1). */
export const fastfill: Pick<TransformationRecipe, "loss"> = { loss: { kind: "fastfill", weight: 1, smoothing: 0.1 } };

/** Weight of the squared error to the old embedding in the L2 baseline. */
export const alignmentWeight = 10;

/** The recipes of a scale. Throws RangeError on one that does not exist. */
export function recipesAt(scale: string, seed: number): Recipes {
  switch (scale) {
    case "quick":
      return quick(seed);
    case "laptop":
      return laptop(seed);
    case "paper":
      return paper("imagenet-1k", seed);
    default:
      throw new RangeError(`scale ${scale}: there are quick, laptop, paper`);
  }
}
