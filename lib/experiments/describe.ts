import type { ClassSelection } from "../data/class-selection";
import type { DatasetRecipe } from "../data/load-dataset";
import type { Architecture } from "../nn/network";
import type { Model } from "./model";

/** A model in a few words, for progress and for the legends of figures. */
export function describe(model: Model): string {
  switch (model.kind) {
    case "backbone":
      return `${architectureName(model.recipe.architecture)} on ${trainedOn(model.recipe)}`;
    case "compatible":
      return `BCT ${architectureName(model.recipe.architecture)} on ${trainedOn(model.recipe)}`;
    case "side-information":
      return `${model.recipe.kind === "simclr" ? "SimCLR" : "autoencoder"} on ${trainedOn(model.recipe)}`;
    case "upgrade":
      return `h, ${model.side === null ? "no side-information" : describe(model.side)}`;
  }
}

function architectureName(architecture: Architecture): string {
  switch (architecture.kind) {
    case "resnet":
      return `ResNet-${architecture.depth}`;
    case "convolution-net":
      return "convolution net";
  }
}

function trainedOn({ classes, dataset }: { classes: ClassSelection; dataset: DatasetRecipe }): string {
  const coloursAlone = dataset.name === "shapes" && dataset.labels === "colour";
  return coloursAlone ? "colours alone" : selectionName(classes);
}

function selectionName(classes: ClassSelection): string {
  if (classes === "all") return "all classes";
  if ("folders" in classes)
    return classes.folders.length === 1 ? `${classes.folders[0]}` : `${classes.folders.length} folders`;
  return `${Math.round(100 * classes.fraction)} % of the classes`;
}
