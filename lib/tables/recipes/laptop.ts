import type { Augmentation } from "../../data/splits/dataset";
import type { BackboneRecipe } from "../../training/backbone";
import type { TransformationRecipe } from "../../training/transformation";
import { architectures } from "./architectures";
import type { Recipes } from "./recipes";

const half = { fraction: 0.5, shuffle: null } as const;
const quarter = { fraction: 0.25, shuffle: null } as const;
const dataset = { name: "tiny-imagenet-32px", side: 32, classes: 100 } as const;
const augmentation: Augmentation = { kind: "crop-flip", padding: 4 };
const small = { kind: "resnet", depth: 18, embedding: 128, width: 32, stem: "small" } as const;

/** An evening on a laptop: 100 classes of Tiny-ImageNet at 32 x 32, the sizes of CIFAR-100; a ResNet-18 of half width without max-pool. */
export function laptop(seed: number): Recipes {
  const backbone: BackboneRecipe = {
    dataset,
    classes: "all",
    architecture: small,
    labelSmoothing: 0.1,
    optimizer: { kind: "sgd", momentum: 0.875, weightDecay: 5e-4 },
    schedule: { learningRate: 0.2, epochs: 20, warmup: 2 },
    batchSize: 128,
    augmentation,
    seed,
  };
  // Ten epochs of four views are forty passes over the images.
  const transformation: TransformationRecipe = {
    inner: 1024,
    views: 4,
    optimizer: { kind: "adam", weightDecay: 2 ** -15 },
    schedule: { learningRate: 5e-4, epochs: 10, warmup: 1 },
    batchSize: 1024,
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
      architecture: small,
      temperature: 0.2,
      optimizer: { kind: "adam", weightDecay: 0 },
      schedule: { learningRate: 1e-3, epochs: 20, warmup: 1 },
      batchSize: 256,
      augmentation,
      seed,
    },
    autoencoder: {
      kind: "autoencoder",
      dataset,
      classes: half,
      architecture: { kind: "convolution-net", channels: 32, side: 32, embedding: 128 },
      optimizer: { kind: "adam", weightDecay: 0 },
      schedule: { learningRate: 1e-3, epochs: 20, warmup: 1 },
      batchSize: 128,
      augmentation,
      seed,
    },
    transformation,
    pairBackbone: backbone,
    pairTransformation: transformation,
    architectures: architectures({
      width: 32,
      stem: "small",
      mobilenet: { width: 0.5, stem: "small" },
      vit: { side: 32, patch: 4, width: 128, depth: 6, heads: 4 },
    }),
    datasetChange: {
      dataset: { ...dataset, classes: null },
      before: half,
      after: { fraction: 0.5, shuffle: null, after: 0.5 },
    },
  };
}
