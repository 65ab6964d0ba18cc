import type { Claim } from "./claim";
import { better, closesMoreThan, equal } from "./contrasts";

const scales = ["quick", "laptop"] as const;
const ours = (ref: string) => ({ kind: "ours", ref }) as const;

/** What is claimed of partial backfilling, of h itself and of its cost. */
export const mapClaims: readonly Claim[] = [
  {
    id: "fastfill",
    text: "FastFill beats FCT in random order (AUC)",
    source: {
      kind: "readme",
      ref: "ml-fct README (2023), ImageNet-1k: 66.5 against 62.8, with side-information 67.8 against 64.7 % top-1",
    },
    scales,
    table: "backfill",
    contrasts: [better("fastfill-none", "fct-none-random"), better("fastfill-simclr", "fct-simclr-random")],
    margin: 1,
    family: "backfill",
  },
  {
    id: "order",
    text: "FastFill's order beats a random one, same h",
    source: {
      kind: "third party",
      ref: "arXiv 2509.16664: +1.8 top-1, +2.0 mAP over FCT's random order from an equal start, without side-information; the nearest figure",
    },
    scales,
    table: "backfill",
    contrasts: [better("fastfill-none", "fastfill-none-random"), better("fastfill-simclr", "fastfill-simclr-random")],
    margin: 0,
    family: "backfill",
  },
  {
    id: "entropy",
    text: "FastFill's order beats the new classifier's entropy",
    source: ours("the entropy needs no training of h; no source at hand compares them"),
    scales,
    table: "backfill",
    contrasts: [better("fastfill-none", "fastfill-none-entropy"), better("fastfill-simclr", "fastfill-simclr-entropy")],
    margin: 0,
    family: "backfill",
  },
  {
    id: "held-out-head",
    text: "FastFill's head orders better fitted on held-out data",
    source: ours("h's own head learns its error on images that h and the new model have learned"),
    scales,
    table: "backfill",
    contrasts: [better("held-fitted", "held-own")],
    margin: 0,
    family: "backfill",
  },
  {
    id: "non-linear",
    text: "h must not be linear",
    source: ours("ml-fct's h has hidden layers; no source at hand compares a linear map"),
    scales,
    table: "transformation",
    contrasts: [better("base", "linear")],
    margin: 1,
    family: "transformation",
  },
  {
    id: "few-images",
    text: "A quarter of the images is enough for half of the gap",
    source: ours("no source at hand varies h's data"),
    scales,
    table: "transformation",
    contrasts: [closesMoreThan("share-0.25", 50)],
    margin: 0,
    family: "transformation",
  },
  {
    id: "evaluation-mode",
    text: "The evaluation-mode half of h's training helps",
    source: {
      kind: "code",
      ref: "ml-fct: normalisation in evaluation mode from half of the epochs on; no comparison at hand",
    },
    scales,
    table: "transformation",
    contrasts: [better("base", "batch-statistics")],
    margin: 1,
    family: "transformation",
  },
  {
    id: "depth",
    text: "h with two hidden layers or none makes no difference",
    source: ours("no source at hand varies the depth"),
    scales,
    table: "transformation",
    contrasts: [equal("base", "layers-0")],
    margin: 1,
    family: "transformation",
  },
  {
    id: "cost",
    text: "Mapping is over 10 times as fast as embedding",
    source: ours("images in memory, on the machine of the run"),
    scales,
    table: "cost",
    contrasts: [
      {
        quantity: { kind: "multiple", measure: "itemsPerSecond", a: "fct-simclr", b: "new-new" },
        expect: { kind: "above", value: 10 },
      },
    ],
    margin: 0,
    family: "cost",
  },
];
