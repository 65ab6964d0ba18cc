import { type AdamRecipe, adam } from "./adam";
import { type SgdRecipe, sgd } from "./sgd";
import type { Optimizer } from "./update";

/** Which update rule, with everything about it but the learning rate, which is the schedule's. */
export type OptimizerRecipe = SgdRecipe | AdamRecipe;

/** The update rule of a recipe. Throws RangeError on a number out of range. */
export function optimizer(recipe: OptimizerRecipe): Optimizer {
  switch (recipe.kind) {
    case "sgd":
      return sgd(recipe);
    case "adam":
      return adam(recipe);
  }
}
