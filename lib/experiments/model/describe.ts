import { basename } from "node:path";
import type { DatasetRecipe } from "../../data/load-dataset";
import type { ClassSelection } from "../../data/splits/class-selection";
import type { Architecture } from "../../nn/networks/network";
import type { ResNet } from "../../nn/networks/resnet";
import type { BackboneRecipe } from "../../training/backbone";
import { lossKind } from "../../training/backbone-loss";
import type { SideInformationRecipe } from "../../training/side-information";
import type { TransformationRecipe } from "../../training/transformation";
import { transformationLossKind } from "../../training/transformation-loss";
import type { Adapted, Compatible, Model, Upgrade } from "./model";

/** A model in a few words, for progress lines and the legends of figures. */
export function describe(model: Model): string {
  switch (model.kind) {
    case "backbone":
      return backboneName(model.recipe);
    case "compatible":
      return `BCT${bctVariant(model)} ${backboneName(model.recipe)}`;
    case "aligned":
      return `L2 to old${model.alone ? " alone" : ""}, ${backboneName(model.recipe)}`;
    case "distilled":
      return `${model.distillation.kind === "focal" ? "positive-congruent" : "MUSCLE-masked"} ${backboneName(model.recipe)}`;
    case "side-information":
      return `${sideName(model.recipe)} on ${trainedOn(model.recipe)}`;
    case "upgrade":
      return `${variantName(model.recipe)}, ${storedName(model)}`;
    case "adapted":
      return adapterName(model);
    case "chain":
      return `${describe(model.then)}, after ${describe(model.first)}`;
  }
}

function storedName({ side, sideComponents }: Upgrade): string {
  if (side === null) return "no side-information";
  return sideComponents === undefined ? describe(side) : `${sideComponents} components of ${describe(side)}`;
}

function bctVariant({ judge, weight }: Compatible): string {
  const variants = [judge === undefined ? [] : ["class means"], weight === 1 ? [] : [`weight ${weight}`]].flat();
  return variants.length === 0 ? "" : ` (${variants.join(", ")})`;
}

/**
 * Short names that tell models apart: those that share one also say in which size or setting they
 * differ, then an upgrade says which models it maps between, and what is still equal is numbered.
 */
export function distinctNames(models: readonly Model[]): readonly string[] {
  const named = models.map((model) => nameAmong(model, models));
  const longer = models.map((model, index) => {
    const name = named[index] ?? "";
    const shared = named.filter((other) => other === name).length > 1;
    if (!shared || model.kind !== "upgrade") return name;
    return `${name}: ${nameAmong(model.old, models)} to ${nameAmong(model.target, models)}`;
  });
  return longer.map((name, index) => {
    const before = longer.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

/** A model's name with those of its settings in which others of that name differ. */
function nameAmong(model: Model, all: readonly Model[]): string {
  const name = describe(model);
  const others = all.filter((other) => describe(other) === name).map(settingsOf);
  const own = settingsOf(model).filter((setting) => others.some((other) => !other.includes(setting)));
  if (own.length === 0) return name;
  const settings = own.join(", ");
  return model.kind === "upgrade" ? withVariant(name, settings) : `${name} (${settings})`;
}

/** "h (cosine), ..." as "h (cosine, inner width 64), ...". */
function withVariant(name: string, settings: string): string {
  return name.replace(
    /^h(?: \(([^)]*)\))?/,
    (_, variant?: string) => `h (${variant ? `${variant}, ` : ""}${settings})`,
  );
}

function settingsOf(model: Model): readonly string[] {
  if (model.kind === "chain" || model.kind === "adapted") return [];
  const { recipe } = model;
  return [
    "inner" in recipe ? [`inner width ${recipe.inner}`] : [],
    "architecture" in recipe ? [`${recipe.architecture.embedding}-d`] : [],
    "weight" in model ? [`weight ${model.weight}`] : [],
    [`${recipe.schedule.epochs} epochs`],
  ].flat();
}

function backboneName(recipe: BackboneRecipe): string {
  if (recipe.imported !== undefined)
    return `${architectureName(recipe.architecture)} of ${basename(recipe.imported.path)}`;
  return `${architectureName(recipe.architecture)}${lossName(recipe)} on ${trainedOn(recipe)}`;
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

function lossName({ loss, labelSmoothing }: BackboneRecipe): string {
  if (loss !== undefined) return `, ${lossKind({ loss }).name},`;
  return labelSmoothing === 0 ? " without label smoothing" : "";
}

function sideName(recipe: SideInformationRecipe): string {
  const size = recipe.architecture.embedding === usualSize ? "" : `, ${recipe.architecture.embedding}-d,`;
  switch (recipe.kind) {
    case "simclr":
      return `SimCLR${size}`;
    case "autoencoder":
      return `autoencoder${size}`;
    case "supervised-contrastive":
      return `supervised contrastive${size}`;
  }
}

const usualSize = 128;

function variantName({ loss, linear, layers, share, frozenNormShare, imported }: TransformationRecipe): string {
  if (imported !== undefined) return `h of ${basename(imported.path)}`;
  const variants = [
    loss === undefined ? [] : [transformationLossKind({ loss }).name],
    linear ? ["linear"] : [],
    layers === undefined ? [] : [`${layers} hidden layers`],
    share === undefined ? [] : [`${Math.round(100 * share)} % of the images`],
    frozenNormShare === 0 ? ["batch statistics throughout"] : [],
  ].flat();
  return variants.length === 0 ? "h" : `h (${variants.join(", ")})`;
}

function adapterName({ recipe: { kind, direction, share }, side }: Adapted): string {
  const beside = side === null ? "" : `, ${describe(side)}`;
  const way = direction === "gallery" ? "" : ", new to old";
  return `${kind} adapter (${percentOf(share)} of the images)${way}${beside}`;
}

function percentOf(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

/** The usual name, and the width of the first stage unless it is 64. */
function resnetName({ depth, width = 64, wide = 1 }: ResNet): string {
  const name = wide === 1 ? `ResNet-${depth}` : `wide ResNet-${depth}-${wide}`;
  return width === 64 ? name : `${name} of width ${width}`;
}

function trainedOn({ classes, dataset }: { classes: ClassSelection; dataset: DatasetRecipe }): string {
  const coloursAlone = dataset.name === "shapes" && dataset.labels === "colour";
  const selected = coloursAlone ? "colours alone" : selectionName(classes);
  return dataset.validation === undefined ? selected : `${selected} without the images for validation`;
}

function selectionName(classes: ClassSelection): string {
  if (classes === "all") return "all classes";
  const { images: share = 1 } = classes;
  const images = share === 1 ? "" : `${Math.round(100 * share)} % of the images of `;
  if ("folders" in classes)
    return `${images}${classes.folders.length === 1 ? classes.folders[0] : `${classes.folders.length} folders`}`;
  return `${images}${Math.round(100 * classes.fraction)} % of the classes`;
}
