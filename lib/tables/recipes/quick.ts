import { omniglotAlphabets } from "../../data/readers/omniglot";
import { quickTransformation } from "../../experiments/model/usual-transformation";
import { architectures } from "./architectures";
import { type Recipes, recipesOf } from "./base";

const dataset = { name: "omniglot", side: 32 } as const;
const network = { kind: "resnet", depth: 18, embedding: 128 } as const;
const smallNet = { kind: "convolution-net", channels: 32, side: 32, embedding: 128 } as const;
const sideSchedule = { learningRate: 2e-3, epochs: 60, warmup: 0 } as const;

/**
 * Minutes on two cores: Omniglot at 32 x 32. Side-information models are small, because 1,700
 * images teach a ResNet too little.
 */
export function quick(seed: number): Recipes {
  return recipesOf({
    seed,
    dataset,
    // Half of the 242 characters, drawn by the seed, and about a quarter.
    half: { fraction: 0.5, shuffle: { seed } },
    quarter: { fraction: 60 / 242, shuffle: { seed } },
    augmentation: { kind: "affine", rotation: 0.15, scale: 0.15, shear: 0.2, shift: 0.1 },
    backbone: { architecture: network, schedule: { learningRate: 0.128, epochs: 15, warmup: 3 }, batchSize: 128 },
    transformation: quickTransformation,
    simclr: {
      architecture: smallNet,
      temperature: 0.2,
      schedule: sideSchedule,
      batchSize: 128,
      augmentation: { kind: "affine", rotation: 0.4, scale: 0.3, shear: 0.2, shift: 0.15 },
    },
    autoencoder: { architecture: smallNet, schedule: sideSchedule, batchSize: 128 },
    pairBackbone: { architecture: { ...network, width: 32 } },
    pairTransformation: { views: 2 },
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
  });
}
