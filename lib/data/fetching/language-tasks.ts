import type { PublishedDataset } from "./published-dataset";

/** Tasks for language models, which their users fetch. */
export type LanguageDataset = "piqa" | "arc" | "openbookqa";

/** Sizes and SHA-256 are those that TensorFlow Datasets lists. */
export const languageDatasets: Readonly<Record<LanguageDataset, PublishedDataset>> = {
  piqa: {
    title: "PIQA: two ways to a goal, training and development parts",
    home: "https://yonatanbisk.com/piqa",
    terms: "Academic Free License 3.0",
    source: {
      kind: "fetched",
      files: [
        {
          name: "physicaliqa-train-dev.zip",
          url: "https://storage.googleapis.com/ai2-mosaic/public/physicaliqa/physicaliqa-train-dev.zip",
          bytes: 1_824_009,
          sha256: "54d32a04f59a7e354396f321723c8d7ec35cc6b08506563d8d1ffcc15ce98ddd",
          format: "zip",
        },
      ],
      topFolder: null,
      unpacked: { entries: 50, bytes: 20_000_000 },
    },
    expects: ["train.jsonl", "train-labels.lst", "dev.jsonl", "dev-labels.lst"].map(
      (name) => `physicaliqa-train-dev/${name}`,
    ),
  },
  arc: {
    title: "ARC: questions of science, easy and challenge parts",
    home: "https://allenai.org/data/arc",
    terms: "CC BY-SA 4.0",
    source: {
      kind: "fetched",
      files: [
        {
          name: "ARC-V1-Feb2018.zip",
          url: "https://ai2-public-datasets.s3-us-west-2.amazonaws.com/arc/ARC-V1-Feb2018.zip",
          bytes: 680_841_265,
          sha256: "6d2d5ab50b2ceec6ba5f79c921be77cf2de712ea25a2b3f4fff3acc101cecfa0",
          format: "zip",
        },
      ],
      topFolder: null,
      unpacked: { entries: 100, bytes: 2_000_000_000 },
    },
    expects: ["Easy", "Challenge"].flatMap((part) =>
      ["Train", "Test"].map((split) => `ARC-V1-Feb2018-2/ARC-${part}/ARC-${part}-${split}.jsonl`),
    ),
  },
  openbookqa: {
    title: "OpenBookQA: questions about elementary facts",
    home: "https://allenai.org/data/open-book-qa",
    terms: "none stated with the data; its authors' code is under Apache 2.0",
    source: {
      kind: "fetched",
      files: [
        {
          name: "OpenBookQA-V1-Sep2018.zip",
          url: "https://s3-us-west-2.amazonaws.com/ai2-website/data/OpenBookQA-V1-Sep2018.zip",
          bytes: 1_446_098,
          sha256: "82368cf05df2e3b309c17d162e10b888b4d768fad6e171e0a041954c8553be46",
          format: "zip",
        },
      ],
      topFolder: null,
      unpacked: { entries: 100, bytes: 30_000_000 },
    },
    expects: ["train", "test"].map((split) => `OpenBookQA-V1-Sep2018/Data/Main/${split}.jsonl`),
  },
};
