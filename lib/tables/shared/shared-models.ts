import type { DatasetRecipe } from "../../data/load-dataset";
import { backbone, compatible, sideInformation, upgrade } from "../../experiments/model/construct";
import type { Backbone, Compatible, SideInformation, SideModel, Upgrade } from "../../experiments/model/model";
import type { Row, TableScale } from "../../experiments/table";
import { arcface } from "../../training/loss-values";
import type { Recipes } from "../recipes/base";
import { bctWeight, recipesAt } from "../recipes/recipes";
import { unknownOn } from "./reported";

/** The models that most tables are about. Equal models of different tables are trained once. */
export interface SharedModels {
  readonly recipes: Recipes;
  readonly dataset: DatasetRecipe;
  /** Trained on half of the classes. */
  readonly old: Backbone;
  /** Trained on all classes. */
  readonly next: Backbone;
  readonly bct: Compatible;
  readonly autoencoder: SideInformation;
  readonly simclr: SideInformation;
  /** FCT from old to new; `changes` replace members of the scale's recipe of h. */
  readonly fct: (side: SideModel | null, changes?: Partial<Upgrade["recipe"]>) => Upgrade;
}

/** The shared models of a scale and seed. */
export function modelsAt(scale: string, seed: number): SharedModels {
  return modelsOf(recipesAt(scale, seed));
}

/** The shared models of a scale's recipes. */
export function modelsOf(recipes: Recipes): SharedModels {
  const old = backbone({ ...recipes.backbone, classes: recipes.half });
  const next = backbone(recipes.backbone);
  return {
    recipes,
    dataset: recipes.backbone.dataset,
    old,
    next,
    bct: compatible(recipes.backbone, { old, weight: bctWeight.classifier }),
    autoencoder: sideInformation(recipes.autoencoder),
    simclr: sideInformation(recipes.simclr),
    fct: (side, changes = {}) =>
      upgrade(old, { target: next, side, recipe: { ...recipes.transformation, ...changes } }),
  };
}

/**
 * The recipes without the training images that a validation split holds out; these are the test
 * images of their dataset.
 */
export function holdingOut(recipes: Recipes, seed: number): Recipes {
  const { dataset } = recipes.backbone;
  return { ...recipes, backbone: { ...recipes.backbone, dataset: { ...dataset, validation: { seed } } } };
}

/**
 * Another network of the old classes, with another loss; its seed is that of the recipe plus 100.
 */
export function secondNetwork({ backbone: recipe, half }: Recipes): Backbone {
  return backbone({ ...recipe, classes: half, labelSmoothing: 0, loss: arcface(), seed: recipe.seed + 100 });
}

/** The scales of a table on the usual split, from half of the classes to all. */
export const usualScales: Readonly<Record<"quick" | "laptop" | "paper", TableScale>> = {
  quick: { seeds: 1, dataset: "Omniglot, 121 -> 242 characters, 32 x 32 pixels" },
  laptop: {
    seeds: 1,
    dataset: "CIFAR-100, the first 50 -> 100 classes in the order of their labels as text, 32 x 32 pixels",
  },
  paper: { seeds: 1, dataset: "ImageNet-1k, 500 -> 1000 classes, 224 x 224 pixels" },
};

/** What a row may have besides its models. */
type RowExtras = Omit<Row, "id" | "label" | "query" | "gallery" | "dataset" | "reported"> &
  Partial<Pick<Row, "reported">>;

/** A writer of rows on one dataset. A row without reported numbers has the paper's, unknown. */
export function rowsOn(
  dataset: DatasetRecipe,
): (id: string, label: string, query: Row["query"], gallery: Row["gallery"], extras?: RowExtras) => Row {
  return (id, label, query, gallery, extras = {}) => {
    return { id, label, query, gallery, dataset, reported: unknownOn("ImageNet-1k"), ...extras };
  };
}
