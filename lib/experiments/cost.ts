import type { ClassSelection } from "../data/class-selection";
import type { DatasetRecipe } from "../data/load-dataset";
import { shapeClasses } from "../data/shapes";
import type { Architecture } from "../nn/network";
import { multiplications, projectionMultiplications } from "../nn/operations";
import type { ImageModel, Upgrade } from "./model";

// Relative amounts of work, in forward passes of a 32x32 image through a ResNet-18, for the time left. Multiplications alone count.

/** Cost of training a model, of embedding its test split, or of embedding all training images once. */
export function embeddingCost({ recipe }: ImageModel, what: "training" | "test" | "views"): number {
  const { train, test } = imageCounts(recipe.dataset);
  const pass = passCost(recipe.architecture);
  if (what === "test") return test * pass;
  if (what === "views") return train * pass;
  const views = "kind" in recipe && recipe.kind === "simclr" ? 2 : 1;
  return 3 * views * pass * recipe.schedule.epochs * train * share(recipe.classes);
}

/** Cost of training h on every cached row, every epoch. */
export function transformationCost({ recipe, old, target, side }: Upgrade): number {
  const size = (model: ImageModel): number => model.recipe.architecture.embedding;
  const h = { old: size(old), side: size(side ?? old), target: size(target), inner: recipe.inner };
  const rows = imageCounts(target.recipe.dataset).train * recipe.views;
  return (3 * rows * recipe.schedule.epochs * projectionMultiplications(h)) / multiplications(unit, usualSide);
}

const usualSide = 32;
const unit: Architecture = { kind: "resnet", depth: 18, embedding: 128 };

/** Forward passes of the unit that one of `architecture` is worth, at the usual side where it has none of its own. */
function passCost(architecture: Architecture): number {
  const side = "side" in architecture ? architecture.side : usualSide;
  return multiplications(architecture, side) / multiplications(unit, usualSide);
}

function share(classes: ClassSelection): number {
  return typeof classes === "object" && "fraction" in classes ? classes.fraction : 1;
}

function imageCounts(dataset: DatasetRecipe): { readonly train: number; readonly test: number } {
  switch (dataset.name) {
    case "omniglot":
      return { train: 242 * 14, test: 242 * 6 };
    case "shapes": {
      const images = shapeClasses.length * dataset.perClass;
      return { train: images, test: images };
    }
  }
}
