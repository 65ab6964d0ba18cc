import { architectures } from "./architectures";
import { type Recipes, recipesOf } from "./base";

const half = { fraction: 0.5, shuffle: null } as const;
const dataset = { name: "tiny-imagenet-32px", side: 32, classes: 100 } as const;
const network = { kind: "resnet", depth: 18, embedding: 128, width: 32, stem: "small" } as const;
const sideSchedule = { learningRate: 1e-3, epochs: 20, warmup: 1 } as const;

/**
 * An evening on a laptop: 100 classes of Tiny-ImageNet at 32 x 32, the sizes of CIFAR-100, and a
 * ResNet-18 of half the width without max-pool. The published rule would give the learning rate
 * 0.128, and the published weight decay is 3e-5. SimCLR sees shifts of four pixels and mirrors, but
 * no colour jitter, grey or blur, without which it is known to learn far less.
 */
export function laptop(seed: number): Recipes {
  return recipesOf({
    seed,
    dataset,
    half,
    quarter: { fraction: 0.25, shuffle: null },
    augmentation: { kind: "crop-flip", padding: 4 },
    backbone: {
      architecture: network,
      optimizer: { kind: "sgd", momentum: 0.875, weightDecay: 5e-4 },
      schedule: { learningRate: 0.2, epochs: 20, warmup: 2 },
      batchSize: 128,
    },
    // Ten epochs of four views are forty passes over the images.
    transformation: { inner: 1024, views: 4, schedule: { learningRate: 5e-4, epochs: 10, warmup: 1 }, batchSize: 1024 },
    simclr: { architecture: network, temperature: 0.2, schedule: sideSchedule, batchSize: 256 },
    autoencoder: {
      architecture: { kind: "convolution-net", channels: 32, side: 32, embedding: 128 },
      schedule: sideSchedule,
      batchSize: 128,
    },
    architectures: architectures({
      width: 32,
      stem: "small",
      mobilenet: { width: 0.5, stem: "small" },
      vit: { side: 32, patch: 4, width: 128, depth: 6, heads: 4 },
    }),
    datasetChange: { dataset: { ...dataset, classes: null }, before: half, after: { ...half, after: 0.5 } },
  });
}
