import type { ClassSelection } from "../data/class-selection";
import type { DatasetRecipe } from "../data/load-dataset";
import type { Architecture } from "../nn/network";
import type { BackboneRecipe } from "../training/backbone";
import type { AutoencoderRecipe, SimclrRecipe } from "../training/side-information";
import type { TransformationRecipe } from "../training/transformation";

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
