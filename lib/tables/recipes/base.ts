import type { Augmentation } from "../../data/images/augment";
import type { DatasetRecipe } from "../../data/load-dataset";
import type { ClassSelection } from "../../data/splits/class-selection";
import { publishedTransformation } from "../../experiments/model/usual-transformation";
import type { Architecture } from "../../nn/networks/network";
import type { BackboneRecipe } from "../../training/backbone";
import type { AutoencoderRecipe, SimclrRecipe } from "../../training/side-information";
import type { TransformationRecipe } from "../../training/transformation";

/** What a scale fixes besides the classes that each model sees. */
export interface Recipes {
  /** The old model's classes. */
  readonly half: ClassSelection;
  /** The classes of the model before it, in a sequence of updates. */
  readonly quarter: ClassSelection;
  readonly backbone: BackboneRecipe;
  /** Side-information is trained on the old model's classes. */
  readonly simclr: SimclrRecipe;
  readonly autoencoder: AutoencoderRecipe;
  readonly transformation: TransformationRecipe;
  /**
   * Backbone and h for tables with many pairs of models: at the quick scale, the backbone has half
   * the width, and h learns from fewer views.
   */
  readonly pairBackbone: BackboneRecipe;
  readonly pairTransformation: TransformationRecipe;
  /** New networks for a change of architecture. */
  readonly architectures: Readonly<Record<NewArchitecture, Architecture>>;
  /** Dataset and classes of the old and the new model for a change of dataset. */
  readonly datasetChange: {
    readonly dataset: DatasetRecipe;
    readonly before: ClassSelection;
    readonly after: ClassSelection;
  };
}

export type NewArchitecture = "resnet18" | "resnet34" | "resnet50" | "resnet101" | "wide50" | "mobilenet" | "vit";

/** What all recipes of a scale share. */
interface Shared {
  readonly dataset: DatasetRecipe;
  readonly augmentation: Augmentation;
  readonly seed: number;
}

type Filled = "kind" | "classes" | "optimizer" | "labelSmoothing" | "frozenNormShare" | keyof Shared;

/** A recipe as a difference from the published one, which leaves some members open. */
type Difference<R> = Omit<R, Filled> & Partial<R>;

/**
 * A scale as a difference from the published recipes. Each of its four recipes contains the seed.
 */
interface ScaleDifference extends Shared, Pick<Recipes, "half" | "quarter" | "architectures" | "datasetChange"> {
  readonly backbone: Difference<BackboneRecipe>;
  readonly transformation: Difference<TransformationRecipe>;
  readonly simclr: Difference<SimclrRecipe>;
  readonly autoencoder: Difference<AutoencoderRecipe>;
  readonly pairBackbone?: Partial<BackboneRecipe>;
  readonly pairTransformation?: Partial<TransformationRecipe>;
}

/** The recipes of the official code, changed and completed as the scale says. */
export function recipesOf({ half, quarter, architectures, datasetChange, ...scale }: ScaleDifference): Recipes {
  const { dataset, augmentation, seed } = scale;
  const shared = { dataset, augmentation, seed };
  const backbone: BackboneRecipe = { ...publishedBackbone, ...shared, ...scale.backbone };
  const transformation: TransformationRecipe = { ...publishedTransformation, seed, ...scale.transformation };
  const side = { classes: half, optimizer: { kind: "adam", weightDecay: 0 }, ...shared } as const;
  return {
    half,
    quarter,
    backbone,
    simclr: { kind: "simclr", ...side, ...scale.simclr },
    autoencoder: { kind: "autoencoder", ...side, ...scale.autoencoder },
    transformation,
    pairBackbone: { ...backbone, ...scale.pairBackbone },
    pairTransformation: { ...transformation, ...scale.pairTransformation },
    architectures,
    datasetChange,
  };
}

const publishedBackbone = {
  classes: "all",
  labelSmoothing: 0.1,
  optimizer: { kind: "sgd", momentum: 0.875, weightDecay: 2 ** -15 },
} as const;
