import type { ClassSelection } from "../data/class-selection";
import type { DatasetRecipe } from "../data/load-dataset";
import type { Architecture } from "../nn/network";
import type { ResNet } from "../nn/resnet-blocks";
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
      return resnetName(architecture);
    case "convolution-net":
      return "convolution net";
    case "mobilenet":
      return architecture.width === 1 ? "MobileNetV2" : `MobileNetV2 x ${architecture.width}`;
    case "vit":
      return `ViT-${architecture.depth}/${architecture.patch}`;
  }
}

/** The usual name; a first stage of another width than 64 is said. */
function resnetName({ depth, width = 64, wide = 1 }: ResNet): string {
  const name = wide === 1 ? `ResNet-${depth}` : `wide ResNet-${depth}-${wide}`;
  return width === 64 ? name : `${name} of width ${width}`;
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
