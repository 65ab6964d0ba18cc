import type { Claim } from "./claim";
import { better, betterInGap } from "./contrasts";

const scales = ["quick", "laptop"] as const;
const abstract = "arXiv 2112.02805: compatible across different datasets, losses and architectures";
const ours = (ref: string) => ({ kind: "ours", ref }) as const;

/** The old networks at the quick scale, and those at the laptop scale. */
const quickNetworks = ["ResNet-34", "ResNet-50", "ResNet-101", "wide ResNet-50-2", "MobileNetV2", "ViT"] as const;
const laptopNetworks = ["MobileNetV2", "ResNet-18 of width 16"] as const;
const largerNetworks = ["ResNet-34", "ResNet-50", "ResNet-18 of width 64"] as const;
const sizes = ["ResNet-18, 32-d", "ResNet-18, 512-d"] as const;

/** What is claimed of side-information, of what may change, and of sequences. */
export const changeClaims: readonly Claim[] = [
  {
    id: "any-side-information",
    text: "Any side-information closes more than none",
    source: { kind: "abstract", ref: "arXiv 2112.02805: side-information facilitates future updates" },
    scales,
    table: "side-information",
    contrasts: ["fct-simclr", "fct-autoencoder", "fct-supervised", "fct-second"].map((row) => better(row, "fct-none")),
    margin: 1,
    family: "side-information",
  },
  {
    id: "unlabelled",
    text: "SimCLR helps more than a second classifier",
    source: ours("no source at hand compares them"),
    scales,
    table: "side-information",
    contrasts: [better("fct-simclr", "fct-second")],
    margin: 1,
    family: "side-information",
  },
  {
    id: "more-values",
    text: "More stored values help: 16, 128, 256",
    source: ours("no source at hand varies the size"),
    scales,
    table: "side-information",
    contrasts: [better("fct-simclr", "fct-simclr-16"), better("fct-simclr-256", "fct-simclr")],
    margin: 1,
    family: "side-information",
  },
  {
    id: "losses",
    text: "Old and new may differ in their loss",
    source: { kind: "abstract", ref: abstract },
    scales,
    table: "losses",
    contrasts: [
      ...["unsmoothed", "normalised", "arcface", "cosface", "triplet"].map((loss) =>
        betterInGap(`${loss}-fct`, "old-old", `${loss}-new-new`),
      ),
      betterInGap("back-fct", "back-old-old", "back-new-new"),
    ],
    margin: 1,
    family: "change",
  },
  {
    id: "squared-error",
    text: "Losses may differ if h learns by a squared error",
    source: { kind: "code", ref: "ml-fct: h learns by the squared error, whatever the new model's loss" },
    scales,
    table: "losses",
    contrasts: [
      betterInGap("arcface-fct-squared", "old-old", "arcface-new-new"),
      ...["normalised", "arcface", "cosface", "triplet"].map((loss) =>
        betterInGap(`${loss}-fct-scaled`, "old-old", `${loss}-new-new`),
      ),
    ],
    margin: 1,
    family: "change",
  },
  {
    id: "architectures",
    text: "Old and new may differ in architecture",
    source: { kind: "abstract", ref: abstract },
    scales: ["quick"],
    table: "architectures",
    contrasts: quickNetworks.map((name) => betterInGap(`${name}-before-fct`, `${name}-before-old-old`, "new-new")),
    margin: 1,
    family: "change",
  },
  {
    id: "architectures-photographs",
    text: "Architectures may differ, and grow, on photographs",
    source: { kind: "abstract", ref: abstract },
    scales: ["laptop"],
    table: "architectures",
    contrasts: [
      ...laptopNetworks.map((name) => betterInGap(`${name}-before-fct`, `${name}-before-old-old`, "new-new")),
      ...largerNetworks.map((name) => betterInGap(`${name}-fct`, "old-old", `${name}-new-new`)),
    ],
    margin: 1,
    family: "change",
  },
  {
    id: "sizes",
    text: "Old and new may differ in embedding size",
    source: ours("ml-fct's h maps any size to any; no source at hand varies it"),
    scales,
    table: "architectures",
    contrasts: [
      ...sizes.map((name) => betterInGap(`${name}-fct`, "old-old", `${name}-new-new`)),
      betterInGap("ResNet-18, 256-d-fct", "ResNet-18, 256-d-old-old", "ResNet-18, 256-d-new-new"),
    ],
    margin: 1,
    family: "change",
  },
  {
    id: "dataset",
    text: "The new model may be trained on other classes",
    source: { kind: "abstract", ref: abstract },
    scales,
    table: "dataset-change",
    // Without a gate: where there is no gap, the update can still lose.
    contrasts: ["", "back-"].map((update) => better(`${update}fct-simclr`, `${update}old-old`)),
    margin: 1,
    family: "change",
  },
  {
    id: "more-images",
    text: "The new model may be trained on more images",
    source: ours("of the same classes; no source at hand varies the number of images"),
    scales,
    table: "dataset-change",
    contrasts: [betterInGap("images-fct-simclr", "images-old-old", "images-new-new")],
    margin: 1,
    family: "change",
  },
  {
    id: "sequence",
    text: "Updates can follow one another",
    source: { kind: "readme", ref: "ml-fct README: side-information models of 250, 500 and 1000 classes" },
    scales,
    table: "sequence",
    contrasts: [
      betterInGap("FCT, direct-1-0", "FCT, direct-0-0", "FCT, direct-1-1"),
      betterInGap("FCT, direct-2-0", "FCT, direct-0-0", "FCT, direct-2-2"),
      betterInGap("FCT, direct-2-1", "FCT, direct-1-1", "FCT, direct-2-2"),
      betterInGap("FCT, chained-2-0", "FCT, chained-0-0", "FCT, chained-2-2"),
    ],
    margin: 1,
    family: "change",
  },
  {
    id: "chain",
    text: "A map of maps is worse than a new map",
    source: ours("h2 is trained on true embeddings and fed the first map's output"),
    scales,
    table: "sequence",
    contrasts: [better("FCT, direct-2-0", "FCT, chained-2-0")],
    margin: 1,
    family: "change",
  },
];
