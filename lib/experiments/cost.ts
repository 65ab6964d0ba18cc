import type { ClassSelection } from "../data/class-selection";
import type { DatasetRecipe } from "../data/load-dataset";
import { shapeClasses } from "../data/shapes";
import type { Architecture } from "../nn/network";
import type { BackboneRecipe } from "../training/backbone";
import type { ImageModel, Upgrade } from "./model";

// Relative amounts of work, in forward passes of an image through a ResNet-18, for the time left. Rough on purpose.

/** Cost of training a model that embeds images: forward and backward passes of every view in every epoch. */
export function trainingCost({ recipe }: ImageModel): number {
  const views = "kind" in recipe && recipe.kind !== "autoencoder" ? 2 : 1;
  return 3 * views * recipe.schedule.epochs * trainingImages(recipe) * passCost(recipe.architecture);
}

/** Cost of embedding so many images. */
export function embeddingCost({ recipe }: ImageModel, images: number): number {
  return images * passCost(recipe.architecture);
}

/** How many images a recipe trains on. */
export function trainingImages({ dataset, classes }: Pick<BackboneRecipe, "dataset" | "classes">): number {
  return Math.round(imageCounts(dataset).train * share(classes));
}

/** Cost of training h: linear maps of 4 target x inner, inner x inner and inner x target on every cached row, every epoch. */
export function transformationCost({ recipe, target }: Upgrade): number {
  const { embedding } = target.recipe.architecture;
  const multiplications = 5 * embedding * recipe.inner + recipe.inner ** 2;
  const rows = trainingImages(target.recipe) * recipe.views * (recipe.share ?? 1);
  return (3 * rows * recipe.schedule.epochs * multiplications) / resnet18Multiplications;
}

const resnet18Multiplications = 37e6;

function passCost(architecture: Architecture): number {
  switch (architecture.kind) {
    case "resnet":
      return { 18: 1, 34: 2, 50: 3, 101: 6 }[architecture.depth];
    case "convolution-net":
      return 0.2;
  }
}

function share(classes: ClassSelection): number {
  return typeof classes === "object" && "fraction" in classes ? classes.fraction : 1;
}

/** How many images a dataset has. */
export function imageCounts(dataset: DatasetRecipe): { readonly train: number; readonly test: number } {
  switch (dataset.name) {
    case "omniglot":
      return { train: 242 * 14, test: 242 * 6 };
    case "shapes": {
      const images = shapeClasses.length * dataset.perClass;
      return { train: images, test: images };
    }
    case "tiny-imagenet": {
      const classes = dataset.classes ?? 200;
      return { train: classes * 500, test: classes * 50 };
    }
  }
}
