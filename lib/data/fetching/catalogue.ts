/**
 * One file at a dataset's home. `sha256` is null if none was published: the one found at the first
 * fetch is then kept and compared.
 */
export interface SourceFile {
  readonly name: string;
  /** Null if it has no public home and lies in a mirror folder only. */
  readonly url: string | null;
  readonly bytes: number;
  readonly sha256: string | null;
  /** How it is unpacked; "file" is kept as it is. */
  readonly format: "tar.gz" | "tar.xz" | "zip" | "file";
}

/** How a dataset comes to this machine. */
export type DatasetSource =
  | { readonly kind: "drawn" }
  | { readonly kind: "committed"; readonly bytes: number }
  /** Fetched, and unpacked without the archive's top folder. Limits are of the unpacked files. */
  | {
      readonly kind: "fetched";
      readonly files: readonly SourceFile[];
      readonly topFolder: string | null;
      readonly unpacked: { readonly entries: number; readonly bytes: number };
    }
  /**
   * Not free to download: the user puts class folders of images there, train/<class>/*.jpg and
   * val/<class>/*.jpg. Bytes are rough.
   */
  | { readonly kind: "own-copy"; readonly bytes: number };

export interface PublishedDataset {
  readonly title: string;
  readonly home: string;
  readonly terms: string;
  readonly source: DatasetSource;
  /** What must lie in the dataset's folder. */
  readonly expects: readonly string[];
}

export type DatasetName =
  | "shapes"
  | "omniglot"
  | "tiny-imagenet"
  | "tiny-imagenet-32px"
  | "cifar-100"
  | "cifar-10"
  | "fashion-mnist"
  | "imagenet-1k"
  | "places-365"
  | "vggface2";

const krizhevsky = {
  home: "https://www.cs.toronto.edu/~kriz/cifar.html",
  terms: "none stated; its authors ask to be cited (Krizhevsky, 2009)",
};
const imagenetTerms = "ImageNet's: non-commercial research and education only";
const tinyImagenetParts = ["wnids.txt", "train", "val/images", "val/val_annotations.txt"];
const classFolders = ["train", "val"];

/**
 * Every dataset that the project reads. Sizes and SHA-256 of the files of CIFAR and Fashion-MNIST
 * are those that TensorFlow Datasets lists.
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
        {
          name: "tiny-imagenet-200-32px.tar.xz",
          url: null,
          bytes: 36_235_980,
          sha256: "11852419e21b84ae14053d2c7aa3771b963ff701e9940f74e01add75eee19399",
          format: "tar.xz",
        },
      ],
      topFolder: "tiny-imagenet-200",
      unpacked: { entries: 120_000, bytes: 200_000_000 },
    },
    expects: tinyImagenetParts,
  },
  "cifar-100": {
    title: "CIFAR-100",
    ...krizhevsky,
    source: {
      kind: "fetched",
      files: [cifar("100", 168_513_733, "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")],
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
      files: [cifar("10", 170_052_171, "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")],
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
};

function cifar(classes: string, bytes: number, sha256: string): SourceFile {
  const name = `cifar-${classes}-binary.tar.gz`;
  return { name, url: `https://www.cs.toronto.edu/~kriz/${name}`, bytes, sha256, format: "tar.gz" };
}

function fashion(part: string, bytes: number, sha256: string): SourceFile {
  const name = `${part}-ubyte.gz`;
  const url = `http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/${name}`;
  return { name, url, bytes, sha256, format: "file" };
}
