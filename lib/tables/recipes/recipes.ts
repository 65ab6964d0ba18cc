import { oneOf } from "../../core/check";
import type { Recipes } from "./base";
import { paper } from "./paper";
import { cifar100 } from "./photographs";
import { quick } from "./quick";

/** Weight of the squared error to the old embedding in our L2 baseline: chosen by table choices. */
export const alignmentWeight = 1;

/**
 * How new classifiers learn the old one's answers: positive-congruent training with its usual
 * weights, and MUSCLE's mask with the paper's temperature, each beside the usual loss with weight
 * 1. Not tuned.
 */
export const distillations = {
  focal: { kind: "focal", base: 1, right: 5 },
  masked: { kind: "masked", mask: "student-wrong", temperature: 2 },
} as const;

/** BCT's weight, by what judges new embeddings: chosen by table choices. */
export const bctWeight = { classifier: 1, classMeans: 3 } as const;

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
      return cifar100(seed);
    case "paper":
      return paper("imagenet-1k", seed);
  }
}
