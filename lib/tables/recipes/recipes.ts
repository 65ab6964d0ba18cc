import type { DatasetRecipe } from "../../data/load-dataset";
import type { ClassSelection } from "../../data/splits/class-selection";
import type { Architecture } from "../../nn/network";
import type { BackboneRecipe } from "../../training/backbone";
import type { BackboneLoss } from "../../training/backbone-loss";
import type { AutoencoderRecipe, SimclrRecipe } from "../../training/side-information";
import type { TransformationRecipe } from "../../training/transformation";
import { laptop } from "./laptop";
import { paper } from "./paper";
import { quick } from "./quick";

// Scales and margins as in the losses' papers, for unit vectors.
export const normalised: BackboneLoss = { kind: "normalised-softmax", scale: 16 };
export const arcface: BackboneLoss = { kind: "arcface", scale: 16, margin: 0.3 };
export const cosface: BackboneLoss = { kind: "cosface", scale: 16, margin: 0.2 };
export const batchHardTriplet: BackboneLoss = { kind: "triplet", margin: 0.2, perClass: 4 };

/** What makes h FastFill's: its loss (arXiv 2303.04766, weight 1, smoothing .1). */
export const fastfill: Pick<TransformationRecipe, "loss"> = { loss: { kind: "fastfill", weight: 1, smoothing: 0.1 } };

/** Weight of the squared error to the old embedding in the L2 baseline. */
export const alignmentWeight = 10;

/** The recipes of a scale. Throws RangeError on one that does not exist. */
export function recipesAt(scale: string, seed: number): Recipes {
  switch (scale) {
    case "quick":
      return quick(seed);
    case "laptop":
      return laptop(seed);
    case "paper":
      return paper("imagenet-1k", seed);
    default:
      throw new RangeError(`scale ${scale}: there are quick, laptop, paper`);
  }
}

/** What a scale fixes besides the classes each model sees. */
export interface Recipes {
  /** The old model's classes. */
  readonly half: ClassSelection;
  /** Those of the model before it, in a sequence of updates. */
  readonly quarter: ClassSelection;
  readonly backbone: BackboneRecipe;
  /** Side-information is trained on the old model's classes. */
  readonly simclr: SimclrRecipe;
  readonly autoencoder: AutoencoderRecipe;
  readonly transformation: TransformationRecipe;
  /** Backbone and h of tables of many pairs of models: at the quick scale of half the width, and learned from fewer views. */
  readonly pairBackbone: BackboneRecipe;
  readonly pairTransformation: TransformationRecipe;
  /** New networks for a change of architecture. */
  readonly architectures: Readonly<Record<NewArchitecture, Architecture>>;
  /** Data and classes of the old and the new model for a change of dataset. */
  readonly datasetChange: {
    readonly dataset: DatasetRecipe;
    readonly before: ClassSelection;
    readonly after: ClassSelection;
  };
}

export type NewArchitecture = "resnet18" | "resnet34" | "resnet50" | "resnet101" | "wide50" | "mobilenet" | "vit";
