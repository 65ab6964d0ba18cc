import { type LanguageDataset, languageDatasets } from "./language-tasks";
import type { PublishedDataset } from "./published-dataset";
import { cifarArchive, fashion, mirrorOnly, simclr } from "./source-files";

export type DatasetName =
  | "shapes"
  | "omniglot"
  | "language-texts"
  | "tiny-imagenet"
  | "tiny-imagenet-32px"
  | "uc-merced-64px"
  | "lfw-64px"
  | "cifar-100"
  | "cifar-10"
  | "fashion-mnist"
  | "imagenet-1k"
  | "places-365"
  | "vggface2"
  | "fct-simclr"
  | LanguageDataset;

const krizhevsky = {
  home: "https://www.cs.toronto.edu/~kriz/cifar.html",
  terms: "none stated; its authors ask to be cited (Krizhevsky, 2009)",
};
const imagenetTerms = "ImageNet's: non-commercial research and education only";
const tinyImagenetParts = ["wnids.txt", "train", "val/images", "val/val_annotations.txt"];
const classFolders = ["train", "val"];

/**
 * Every dataset that the project reads, and weights that may be imported. Sizes and SHA-256 of the
 * files of CIFAR and Fashion-MNIST are those that TensorFlow Datasets lists.
 */
export const catalogue: Readonly<Record<DatasetName, PublishedDataset>> = {
  shapes: {
    title: "coloured shapes",
    home: "drawn by this project",
    terms: "MIT",
    source: { kind: "drawn" },
    expects: [],
  },
  omniglot: {
    title: "Omniglot, the two small background sets",
    home: "https://github.com/brendenlake/omniglot",
    terms: "MIT",
    source: { kind: "committed", bytes: 2_899_939 },
    expects: ["omniglot-images_background_small1.zip", "omniglot-images_background_small2.zip"],
  },
  "language-texts": {
    title: "texts and byte-pair merges for language models",
    home: "data/README.md names the home of each collection",
    terms: "CC BY 4.0 (Pang and Lee), MIT (GSM8K), public domain",
    source: { kind: "committed", bytes: 7_406_917 },
    expects: ["language-texts.zip", "language-merges.json"],
  },
  ...languageDatasets,
  "tiny-imagenet": {
    title: "Tiny-ImageNet-200, 64 x 64",
    home: "http://cs231n.stanford.edu",
    terms: imagenetTerms,
    source: {
      kind: "fetched",
      files: [
        {
          name: "tiny-imagenet-200.zip",
          url: "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
          bytes: 248_100_043,
          sha256: "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821",
          format: "zip",
        },
      ],
      topFolder: "tiny-imagenet-200",
      unpacked: { entries: 130_000, bytes: 600_000_000 },
    },
    expects: tinyImagenetParts,
  },
  "tiny-imagenet-32px": {
    title: "Tiny-ImageNet-200 reduced to 32 x 32",
    home: "a mirror folder only (FCT_DATA_MIRROR)",
    terms: imagenetTerms,
    source: {
      kind: "fetched",
      files: [
        mirrorOnly(
          "tiny-imagenet-200-32px.tar.xz",
          36_235_980,
          "11852419e21b84ae14053d2c7aa3771b963ff701e9940f74e01add75eee19399",
        ),
      ],
      topFolder: "tiny-imagenet-200",
      unpacked: { entries: 120_000, bytes: 200_000_000 },
    },
    expects: tinyImagenetParts,
  },
  "uc-merced-64px": {
    title: "UC Merced Land Use reduced to 64 x 64",
    home: "http://weegee.vision.ucmerced.edu/datasets/landuse.html",
    terms: "imagery of the United States Geological Survey, public domain",
    source: { kind: "committed", bytes: 6_671_940 },
    expects: ["ucmerced-64.tar.xz"],
  },
  "lfw-64px": {
    title: "Labelled Faces in the Wild, deep-funnelled, reduced to 64 x 64",
    home: "http://vis-www.cs.umass.edu/lfw/; the reduced copy: a mirror folder only (FCT_DATA_MIRROR)",
    terms: "published for research on face verification; real people: aggregate numbers only, no face is ever shown",
    source: {
      kind: "fetched",
      files: [
        mirrorOnly("lfw-64.tar.xz", 23_850_828, "0f8df9b1dc1e359d992767763579fbacc73fec7368cd76a8db894c3a84878d80"),
      ],
      topFolder: "lfw-64",
      unpacked: { entries: 12_000, bytes: 60_000_000 },
    },
    expects: ["train", "test", "open"],
  },
  "cifar-100": {
    title: "CIFAR-100",
    ...krizhevsky,
    source: {
      kind: "fetched",
      files: [cifarArchive("100", 168_513_733, "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")],
      mirrored: [
        mirrorOnly(
          "cifar-100-binary.tar.xz",
          137_445_864,
          "739c3ebaec72a9bd3a20b455b3f3b598f77e618df9a6d9e809945ea3750d0b56",
        ),
      ],
      topFolder: "cifar-100-binary",
      unpacked: { entries: 10, bytes: 190_000_000 },
    },
    expects: ["train.bin", "test.bin"],
  },
  "cifar-10": {
    title: "CIFAR-10",
    ...krizhevsky,
    source: {
      kind: "fetched",
      files: [cifarArchive("10", 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")],
      topFolder: "cifar-10-batches-bin",
      unpacked: { entries: 12, bytes: 190_000_000 },
    },
    expects: [...[1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`), "test_batch.bin"],
  },
  "fashion-mnist": {
    title: "Fashion-MNIST",
    home: "https://github.com/zalandoresearch/fashion-mnist",
    terms: "MIT",
    source: {
      kind: "fetched",
      files: [
        fashion("train-images-idx3", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        fashion("train-labels-idx1", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        fashion("t10k-images-idx3", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        fashion("t10k-labels-idx1", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
      ],
      topFolder: null,
      unpacked: { entries: 4, bytes: 31_000_000 },
    },
    expects: ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"].map(
      (part) => `${part}-ubyte.gz`,
    ),
  },
  "imagenet-1k": {
    title: "ImageNet-1k (ILSVRC 2012)",
    home: "https://www.image-net.org/download.php",
    terms: "ImageNet's: an account, non-commercial research and education only",
    source: { kind: "own-copy", bytes: 155_000_000_000 },
    expects: classFolders,
  },
  "places-365": {
    title: "Places-365",
    home: "http://places2.csail.mit.edu/download.html",
    terms: "Places': non-commercial research and education only; images belong to their owners",
    source: { kind: "own-copy", bytes: 25_000_000_000 },
    expects: classFolders,
  },
  vggface2: {
    title: "VGGFace2",
    home: "https://www.robots.ox.ac.uk/~vgg/data/vgg_face2/",
    terms: "its home no longer hands it out; copies are bound to the terms they came with",
    source: { kind: "own-copy", bytes: 38_000_000_000 },
    expects: classFolders,
  },
  "fct-simclr": {
    title:
      "side-information models of the official code: SimCLR, ResNet-50, on 250, 500 and 1000 classes of ImageNet-1k",
    home: "https://github.com/apple/ml-fct",
    terms: "Apple's, in the LICENSE of its home",
    source: {
      kind: "fetched",
      files: ["250", "500", "1000"].map(simclr),
      topFolder: null,
      unpacked: { entries: 3, bytes: 3_000_000_000 },
    },
    expects: ["250", "500", "1000"].map((classes) => simclr(classes).name),
  },
};
