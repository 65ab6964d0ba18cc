import type { DatasetRecipe } from "../../data/load-dataset";
import { omniglotAlphabets } from "../../data/readers/omniglot";
import type { Augmentation } from "../../data/splits/dataset";
import type { BackboneRecipe } from "../../training/backbone";
import type { TransformationRecipe } from "../../training/transformation";
import { architectures } from "./architectures";
import type { Recipes } from "./recipes";

/** Half of the 242 characters by a fixed shuffle, and about a quarter. */
const half = { fraction: 0.5, shuffle: 0 } as const;
const quarter = { fraction: 60 / 242, shuffle: 0 } as const;

const dataset: DatasetRecipe = { name: "omniglot", side: 32 };
const gentle: Augmentation = { kind: "affine", rotation: 0.15, scale: 0.15, shear: 0.2, shift: 0.1 };
const strong: Augmentation = { kind: "affine", rotation: 0.4, scale: 0.3, shear: 0.2, shift: 0.15 };
const network = { kind: "resnet", depth: 18, embedding: 128 } as const;
const smallNet = { kind: "convolution-net", channels: 32, side: 32, embedding: 128 } as const;
const weightDecay = 2 ** -15;

/** Minutes on two cores: Omniglot at 32 x 32. Side-information models are small, because 1,700 images teach a ResNet too little. */
export function quick(seed: number): Recipes {
  const backbone: BackboneRecipe = {
    dataset,
    classes: "all",
    architecture: network,
    labelSmoothing: 0.1,
    optimizer: { kind: "sgd", momentum: 0.875, weightDecay },
    schedule: { learningRate: 0.128, epochs: 15, warmup: 3 },
    batchSize: 128,
    augmentation: gentle,
    seed,
  };
  const transformation: TransformationRecipe = {
    inner: 512,
    views: 4,
    optimizer: { kind: "adam", weightDecay },
    schedule: { learningRate: 1e-3, epochs: 30, warmup: 5 },
    batchSize: 512,
    frozenNormShare: 0.5,
    seed,
  };
  return {
    half,
    quarter,
    backbone,
    simclr: {
      kind: "simclr",
      dataset,
      classes: half,
      architecture: smallNet,
      temperature: 0.2,
      optimizer: { kind: "adam", weightDecay: 0 },
      schedule: { learningRate: 2e-3, epochs: 60, warmup: 0 },
      batchSize: 128,
      augmentation: strong,
      seed,
    },
    autoencoder: {
      kind: "autoencoder",
      dataset,
      classes: half,
      architecture: smallNet,
      optimizer: { kind: "adam", weightDecay: 0 },
      schedule: { learningRate: 2e-3, epochs: 60, warmup: 0 },
      batchSize: 128,
      augmentation: gentle,
      seed,
    },
    transformation,
    pairBackbone: { ...backbone, architecture: { ...network, width: 32 } },
    pairTransformation: { ...transformation, views: 2 },
    architectures: architectures({
      width: 32,
      large: 16,
      mobilenet: { width: 0.5 },
      vit: { side: 32, patch: 4, width: 64, depth: 3, heads: 4 },
    }),
    datasetChange: {
      dataset,
      before: { folders: omniglotAlphabets.first },
      after: { folders: omniglotAlphabets.second },
    },
  };
}
