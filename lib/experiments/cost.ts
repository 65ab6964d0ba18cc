import type { ClassSelection } from "../data/class-selection";
import type { DatasetRecipe } from "../data/load-dataset";
import { shapeClasses } from "../data/shapes";
import type { Architecture } from "../nn/network";
import type { ImageModel, Upgrade } from "./model";

// Relative amounts of work, in forward passes of an image through a ResNet-18, for the time left. Rough on purpose.

/** Cost of training a model, of embedding its test split, or of embedding all training images once. */
export function embeddingCost({ recipe }: ImageModel, what: "training" | "test" | "views"): number {
  const { train, test } = imageCounts(recipe.dataset);
  const pass = passCost(recipe.architecture);
  if (what === "test") return test * pass;
  if (what === "views") return train * pass;
  const views = "kind" in recipe && recipe.kind === "simclr" ? 2 : 1;
  return 3 * views * pass * recipe.schedule.epochs * train * share(recipe.classes);
}

/** Cost of training h: linear maps of 4 target x inner, inner x inner and inner x target on every cached row, every epoch. */
export function transformationCost({ recipe, target }: Upgrade): number {
  const { embedding } = target.recipe.architecture;
  const multiplications = 5 * embedding * recipe.inner + recipe.inner ** 2;
  const rows = imageCounts(target.recipe.dataset).train * recipe.views;
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

function imageCounts(dataset: DatasetRecipe): { readonly train: number; readonly test: number } {
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
    case "cifar-10":
    case "cifar-100":
      return { train: 50_000, test: 10_000 };
    case "fashion-mnist":
      return { train: 60_000, test: 10_000 };
    // Nominal: what the publishers state, not what lies in the user's folder.
    case "imagenet-1k":
      return { train: 1_281_167, test: 50_000 };
    case "places-365":
      return { train: 1_803_460, test: 36_500 };
    case "vggface2":
      return { train: 3_140_000, test: 170_000 };
    case "synthetic": {
      const images = dataset.classes * dataset.perClass;
      return { train: images, test: images };
    }
  }
}
