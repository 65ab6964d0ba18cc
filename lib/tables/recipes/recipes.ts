import { oneOf } from "../../core/check";
import type { Recipes } from "./base";
import { laptop } from "./laptop";
import { paper } from "./paper";
import { quick } from "./quick";

/** Weight of the squared error to the old embedding in our L2 baseline; not tuned on record. */
export const alignmentWeight = 10;

/**
 * The recipes of a scale for one seed, which goes into every recipe. A training draws its random
 * numbers (initial weights, order, augmentation) from streams named by the seed, the role and the
 * images (training/streams.ts), so that variants of a recipe are paired. At the quick scale the
 * seed also draws the old model's classes. Throws RangeError if there is no such scale.
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
