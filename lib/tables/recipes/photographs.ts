import { oneOf } from "../../core/check";
import type { Augmentation } from "../../data/images/augment";
import type { ColourChange } from "../../data/images/colour";
import type { DatasetRecipe } from "../../data/load-dataset";
import type { FolderRecipe } from "../../data/readers/own-images";
import type { ClassSelection } from "../../data/splits/class-selection";
import type { ResNet } from "../../nn/networks/resnet";
import { architectures } from "./architectures";
import { type Recipes, recipesOf } from "./base";

// Recipes for small photographs. They are ours: the papers have none at these sizes.

/** SimCLR's change of colours at strength 1/2, as on CIFAR (2002.05709, appendix B.9). */
const colour: ColourChange = {
  brightness: 0.4,
  contrast: 0.4,
  saturation: 0.4,
  hue: 0.1,
  changed: 0.8,
  grey: 0.2,
};
const twoViews: Augmentation = { kind: "resized-crop", minArea: 0.2, colour };
const weightDecay = 5e-4;

/** What the recipes of one dataset differ in. */
interface Photographs {
  readonly dataset: DatasetRecipe;
  readonly half: ClassSelection;
  readonly quarter: ClassSelection;
  readonly after: ClassSelection;
  readonly network: ResNet;
  /** SimCLR's network: it sees half of the classes and is no classifier, so a small one does. */
  readonly sideNetwork: ResNet;
  readonly epochs: { readonly backbone: number; readonly simclr: number; readonly autoencoder: number };
  readonly transformation: { readonly inner: number; readonly views: number; readonly epochs: number };
  /** Of backbones and h; a small dataset needs small batches. */
  readonly batchSizes: { readonly backbone: number; readonly simclr: number; readonly transformation: number };
}

function photographs(seed: number, each: Photographs): Recipes {
  const { dataset, half, quarter, after, network, sideNetwork, epochs, transformation, batchSizes } = each;
  const { side } = dataset;
  const stem = network.stem === undefined ? {} : { stem: network.stem };
  const sideSchedule = (count: number) => ({ learningRate: 1e-3, epochs: count, warmup: 1 });
  return recipesOf({
    seed,
    dataset,
    half,
    quarter,
    augmentation: { kind: "crop-flip", padding: side / 8 },
    backbone: {
      architecture: network,
      optimizer: { kind: "sgd", momentum: 0.875, weightDecay },
      schedule: { learningRate: (0.2 * batchSizes.backbone) / 128, epochs: epochs.backbone, warmup: 1 },
      batchSize: batchSizes.backbone,
    },
    transformation: {
      inner: transformation.inner,
      views: transformation.views,
      schedule: { learningRate: 1e-3, epochs: transformation.epochs, warmup: 1 },
      batchSize: batchSizes.transformation,
    },
    simclr: {
      architecture: sideNetwork,
      temperature: 0.2,
      schedule: sideSchedule(epochs.simclr),
      batchSize: batchSizes.simclr,
      augmentation: twoViews,
    },
    autoencoder: {
      architecture: { kind: "convolution-net", channels: 16, side, embedding: 128 },
      schedule: sideSchedule(epochs.autoencoder),
      batchSize: 128,
    },
    architectures: architectures({
      width: 32,
      ...stem,
      mobilenet: { width: 0.5, ...stem },
      vit: { side, patch: side / 8, width: 128, depth: 6, heads: 4 },
    }),
    datasetChange: { dataset, before: half, after },
  });
}

const resnet18 = { kind: "resnet", depth: 18, embedding: 128 } as const;
const firstHalf = { fraction: 0.5, shuffle: null } as const;

/** What the two datasets of 100 kinds of objects at 32 x 32 pixels share. */
const smallObjects: Omit<Photographs, "dataset"> = {
  half: firstHalf,
  quarter: { fraction: 0.25, shuffle: null },
  after: { ...firstHalf, after: 0.5 },
  network: { ...resnet18, width: 32, stem: "small" },
  sideNetwork: { ...resnet18, width: 16, stem: "small" },
  epochs: { backbone: 7, simclr: 10, autoencoder: 5 },
  transformation: { inner: 512, views: 2, epochs: 10 },
  batchSizes: { backbone: 128, simclr: 256, transformation: 512 },
};

/**
 * CIFAR-100 at its 32 x 32 pixels, three quarters of an hour on two cores: the published images and
 * classes, the first 50 in the order of their labels as text, and a ResNet-18 of half the width.
 */
export function cifar100(seed: number): Recipes {
  return photographs(seed, { ...smallObjects, dataset: { name: "cifar-100", side: 32 } });
}

/** The same for 100 of Tiny-ImageNet's classes, reduced to the size of CIFAR-100's images. */
export function tinyImagenetObjects(seed: number): Recipes {
  const dataset = { name: "tiny-imagenet-32px", side: 32, classes: 100 } as const;
  return photographs(seed, { ...smallObjects, dataset });
}

/**
 * Faces at 64 x 64 pixels: the first 79 of 158 persons -> all. Tested on their other images, or on
 * 1,522 persons whom no model has seen: see `lfwOthers`.
 */
export function lfwFaces(seed: number): Recipes {
  return photographs(seed, {
    dataset: { name: "lfw-64px", side: 64 },
    half: firstHalf,
    quarter: { fraction: 40 / 158, shuffle: null },
    after: { ...firstHalf, after: 0.5 },
    network: { ...resnet18, width: 32 },
    sideNetwork: { ...resnet18, width: 16 },
    epochs: { backbone: 40, simclr: 60, autoencoder: 20 },
    transformation: { inner: 512, views: 4, epochs: 30 },
    batchSizes: { backbone: 64, simclr: 256, transformation: 512 },
  });
}

/** The persons whom no model has seen, as VGGFace2's test persons. */
export const lfwOthers: DatasetRecipe = { name: "lfw-64px", side: 64, test: "other persons" };

/** Half of 21 classes: each seed draws its own ten, since few classes differ much. */
const landUse = (seed: number): Pick<Photographs, "dataset" | "half" | "quarter" | "after"> => {
  const half = { fraction: 10 / 21, shuffle: { seed } } as const;
  return {
    dataset: { name: "uc-merced-64px", side: 64 },
    half,
    quarter: { fraction: 5 / 21, shuffle: { seed } },
    after: { ...half, after: 10 / 21 },
  };
};

/** Networks and training for about 2,000 images, by scale. */
const fewImages = {
  /** Minutes on two cores at 64 x 64 pixels. */
  quick: {
    network: { ...resnet18, width: 32 },
    sideNetwork: { ...resnet18, width: 16 },
    epochs: { backbone: 20, simclr: 40, autoencoder: 15 },
    transformation: { inner: 512, views: 4, epochs: 20 },
    batchSizes: { backbone: 64, simclr: 128, transformation: 512 },
  },
  /** The usual width and longer training. */
  laptop: {
    network: resnet18,
    sideNetwork: { ...resnet18, width: 32 },
    epochs: { backbone: 30, simclr: 60, autoencoder: 20 },
    transformation: { inner: 512, views: 4, epochs: 30 },
    batchSizes: { backbone: 64, simclr: 128, transformation: 512 },
  },
} as const;

/** Aerial scenes at 64 x 64 pixels, minutes on two cores: ten of 21 classes -> all. */
export function ucMercedQuick(seed: number): Recipes {
  return photographs(seed, { ...landUse(seed), ...fewImages.quick });
}

/** The same with networks of the usual width and longer training. */
export function ucMercedLaptop(seed: number): Recipes {
  return photographs(seed, { ...landUse(seed), ...fewImages.laptop });
}

/**
 * A user's own images by the recipes for aerial scenes: each seed draws its own half of the
 * classes. Throws RangeError at another scale than quick and laptop.
 */
export function ownPhotographs(dataset: FolderRecipe, scale: string, seed: number): Recipes {
  const { classes } = dataset;
  const share = (count: number) => ({ fraction: count / classes, shuffle: { seed } });
  const half = Math.floor(classes / 2);
  return photographs(seed, {
    dataset,
    half: share(half),
    quarter: share(Math.floor(classes / 4)),
    after: { ...share(half), after: half / classes },
    ...fewImages[oneOf("scale of own images", scale, ["quick", "laptop"])],
  });
}
