import type { DatasetRecipe } from "./load-dataset";
import { cifarSize } from "./readers/cifar";
import { fashionMnistSize } from "./readers/fashion-mnist";
import { publishedSizes } from "./readers/image-folder";
import { lfwSize } from "./readers/lfw";
import { omniglotClasses, omniglotHeldOut, omniglotSize } from "./readers/omniglot";
import { shapeClasses, shapesSize } from "./readers/shapes";
import { syntheticSize } from "./readers/synthetic";
import { tinyImagenetSize } from "./readers/tiny-imagenet";
import { ucMercedSize } from "./readers/uc-merced";
import { type ClassSelection, classesOf } from "./splits/class-selection";
import type { SplitSizes } from "./splits/dataset";
import { heldOutOf } from "./splits/validation";

/**
 * How many images a dataset has, known without reading it; with a validation split to within the
 * rounding of classes of unequal size.
 */
export function sizeOf(recipe: DatasetRecipe): SplitSizes {
  const whole = wholeSize(recipe);
  if (recipe.validation === undefined) return whole;
  const share = recipe.name === "omniglot" ? omniglotHeldOut : heldOutShare(recipe);
  const test = Math.round(share * whole.train);
  return { train: whole.train - test, test };
}

/** The share of its training images that a class of a size drawn by us holds out; else a tenth. */
function heldOutShare(recipe: DatasetRecipe): number {
  return "perClass" in recipe ? heldOutOf(recipe.perClass) / recipe.perClass : 1 / 10;
}

function wholeSize(recipe: DatasetRecipe): SplitSizes {
  switch (recipe.name) {
    case "omniglot":
      return omniglotSize;
    case "shapes":
      return shapesSize(recipe);
    case "tiny-imagenet":
    case "tiny-imagenet-32px":
      return tinyImagenetSize(recipe);
    case "cifar-10":
    case "cifar-100":
      return cifarSize;
    case "lfw-64px":
      return lfwSize(recipe);
    case "uc-merced-64px":
      return ucMercedSize;
    case "fashion-mnist":
      return fashionMnistSize;
    case "imagenet-1k":
    case "places-365":
    case "vggface2":
      return publishedSizes[recipe.name];
    case "folder":
      return { train: recipe.train, test: recipe.test };
    case "synthetic":
      return syntheticSize(recipe);
  }
}

/**
 * How many training images of a dataset the selected classes have, if all classes have equally
 * many. Classes selected by folder are counted if their names are known without reading the
 * dataset; otherwise they count as all.
 */
export function selectedImages({
  dataset,
  classes,
}: {
  readonly dataset: DatasetRecipe;
  readonly classes: ClassSelection;
}): number {
  const { train } = sizeOf(dataset);
  if (classes === "all") return train;
  const { images: share = 1 } = classes;
  if ("fraction" in classes) return Math.round(share * classes.fraction * train);
  const names = knownClasses(dataset);
  const selected = names === null ? train : (train / names.length) * classesOf(classes, names).length;
  return share === 1 ? selected : Math.round(share * selected);
}

/** The names of all classes; null if only the images tell, or if no class lies in a folder. */
function knownClasses(dataset: DatasetRecipe): readonly string[] | null {
  if (dataset.name === "omniglot") return omniglotClasses;
  return dataset.name === "shapes" && dataset.labels !== "colour" ? shapeClasses : null;
}
