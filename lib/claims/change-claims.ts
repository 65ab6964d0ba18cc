import type { Claim } from "./claim";
import { better, betterInGap } from "./contrasts";

const scales = ["quick", "laptop"] as const;
const abstract = "arXiv 2112.02805: compatible across different datasets, losses and architectures";
const ours = (ref: string) => ({ kind: "ours", ref }) as const;

const networks = [
  "ResNet-18",
  "ResNet-34",
  "ResNet-50",
  "ResNet-101",
  "wide ResNet-50-2",
  "MobileNetV2",
  "ViT",
] as const;
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
    text: "They may, with the published loss of h",
    source: { kind: "code", ref: "ml-fct: h learns by the squared error, whatever the new model's loss" },
    scales,
    table: "losses",
    contrasts: [betterInGap("arcface-fct-squared", "old-old", "arcface-new-new")],
    margin: 1,
    family: "change",
  },
  {
    id: "architectures",
    text: "Old and new may differ in architecture and size",
    source: { kind: "abstract", ref: abstract },
    scales,
    table: "architectures",
    contrasts: [
      ...[...networks, ...sizes].map((name) => betterInGap(`${name}-fct`, "old-old", `${name}-new-new`)),
      betterInGap("ResNet-18, 256-d-fct", "ResNet-18, 256-d-old-old", "ResNet-18, 256-d-new-new"),
    ],
    margin: 1,
    family: "change",
  },
  {
    id: "dataset",
    text: "The new model may be trained on other data",
    source: { kind: "abstract", ref: abstract },
    scales,
    table: "dataset-change",
    contrasts: [betterInGap("fct-simclr", "old-old", "new-new")],
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
