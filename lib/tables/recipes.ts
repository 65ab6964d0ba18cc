import type { ClassSelection } from "../data/class-selection";
import type { BackboneRecipe } from "../training/backbone";
import type { AutoencoderRecipe, SimclrRecipe } from "../training/side-information";
import type { TransformationRecipe } from "../training/transformation";
import { laptop } from "./laptop-recipes";
import { quick } from "./quick-recipes";

/** What a scale fixes besides the classes each model sees. */
export interface Recipes {
  /** The old model's classes. */
  readonly half: ClassSelection;
  readonly backbone: BackboneRecipe;
  /** Side-information is trained on the old model's classes. */
  readonly simclr: SimclrRecipe;
  readonly autoencoder: AutoencoderRecipe;
  readonly transformation: TransformationRecipe;
}

/** The recipes of a scale. Throws RangeError on one that does not exist. */
export function recipesAt(scale: string, seed: number): Recipes {
  switch (scale) {
    case "quick":
      return quick(seed);
    case "laptop":
      return laptop(seed);
    default:
      throw new RangeError(`scale ${scale}: there are quick, laptop`);
  }
}
