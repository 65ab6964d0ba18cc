import { type AdamRecipe, adam } from "./adam";
import { type SgdRecipe, sgd } from "./sgd";
import type { Optimizer } from "./update";

/** An update rule with its settings; the learning rate belongs to the schedule. */
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
