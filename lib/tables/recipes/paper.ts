import type { ColourChange } from "../../data/images/colour";
import type { DatasetRecipe } from "../../data/load-dataset";
import { architectures } from "./architectures";
import { type Recipes, recipesOf } from "./base";

/** The published datasets. */
export type PaperDataset = "cifar-100" | "imagenet-1k" | "places-365" | "vggface2";

/** The share of classes that the old model sees: 182 of 365 places, 4,315 of 8,631 persons. */
const halves: Readonly<Record<PaperDataset, number>> = {
  "cifar-100": 1 / 2,
  "imagenet-1k": 1 / 2,
  "places-365": 182 / 365,
  vggface2: 4315 / 8631,
};

const epochs = 100;
const network = { kind: "resnet", depth: 50, embedding: 128 } as const;
const colour: ColourChange = { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2, changed: 0.8, grey: 0.2 };
const crop = { kind: "resized-crop", minArea: 0.08 } as const;

/**
 * The published recipe, on a GPU: ResNet-50 with 128 dimensions at 224 x 224, batch 1024,
 * learning rate 1.024, 100 epochs. A batch consists of eight parts whose gradients are averaged,
 * which takes 12 GB; normalisation sees one part. SimCLR's training is not published: this one is
 * ours, with its paper's changes of colour (2002.05709, appendix A), without blur. It takes 46 GB,
 * since its batch cannot be cut. Identities of VGGFace2's two folders are taken to be the same.
 */
export function paper(name: PaperDataset, seed: number): Recipes {
  const dataset: DatasetRecipe = { name, side: 224 };
  // The first classes in the order of their folders' names as text, as the official code splits.
  const half = { fraction: halves[name], shuffle: null } as const;
  return recipesOf({
    seed,
    dataset,
    half,
    quarter: { fraction: 0.25, shuffle: null },
    augmentation: name === "cifar-100" ? { kind: "flip" } : crop,
    backbone: {
      architecture: network,
      schedule: { learningRate: 1.024, epochs, warmup: 5 },
      batchSize: 1024,
      accumulation: 8,
    },
    // Forty epochs of two views are the published eighty passes over the images.
    transformation: { inner: 2048, views: 2, schedule: { learningRate: 5e-4, epochs: 40, warmup: 3 }, batchSize: 1024 },
    simclr: {
      architecture: network,
      temperature: 0.1,
      schedule: { learningRate: 1e-3, epochs, warmup: 10 },
      batchSize: 256,
      augmentation: { ...crop, colour },
    },
    autoencoder: {
      architecture: { kind: "convolution-net", channels: 64, side: 224, embedding: 128 },
      schedule: { learningRate: 1e-3, epochs: 30, warmup: 1 },
      batchSize: 256,
    },
    architectures: architectures({
      mobilenet: { width: 1 },
      vit: { side: 224, patch: 16, width: 384, depth: 12, heads: 6 },
    }),
    datasetChange: { dataset, before: half, after: { ...half, after: halves[name] } },
  });
}

/**
 * The published recipe at the size at which the official code was run for comparison: the first 100
 * classes of Tiny-ImageNet at 32 x 32 pixels, ResNet-18, batches of 256 with a quarter of the
 * learning rates, 20 epochs.
 */
export function officialSmall(seed: number): Pick<Recipes, "half" | "backbone" | "transformation"> {
  const { half, backbone, transformation } = paper("imagenet-1k", seed);
  const { accumulation: _, ...whole } = backbone;
  const small = ({ learningRate, warmup }: typeof backbone.schedule) => {
    return { learningRate: learningRate / 4, epochs: 20, warmup };
  };
  return {
    half,
    backbone: {
      ...whole,
      dataset: { name: "tiny-imagenet-32px", side: 32, classes: 100 },
      architecture: { ...network, depth: 18 },
      schedule: small(backbone.schedule),
      batchSize: 256,
    },
    transformation: { ...transformation, schedule: small(transformation.schedule), batchSize: 256 },
  };
}
