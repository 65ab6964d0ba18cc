import { embeddingModes, own, sides, trainingModes } from "./sides";
import type { ComparisonSetup, ComparisonSide } from "./workloads/measurement";

/**
 * What is aimed at: rates beside the peer's at its best settings, and memory as a multiple of
 * its.
 */
const target = 1.15;
const memoryTarget = 1.25;

const trains = (depth: 18 | 50, side: number, batch: number, steps: number): ComparisonSetup => ({
  id: `train-resnet${depth}-${side}-${batch}`,
  title: `training step, ResNet-${depth}, ${side} x ${side}, batch ${batch}`,
  unit: "images",
  ...sides("resnetStep", "training_step", { depth, side, batch, steps }, trainingModes),
  target,
  memoryTarget,
  rounds: 5,
});

const embeds = (depth: 18 | 50, side: number, images: number): ComparisonSetup => ({
  id: `embed-resnet${depth}-${side}`,
  title: `embedding images, ResNet-${depth}, ${side} x ${side}`,
  unit: "images",
  ...sides("embedding", "embedding", { depth, side, images }, embeddingModes),
  target,
  memoryTarget,
  rounds: 5,
});

const decoder = { width: 128, depth: 4, heads: 4, context: 64, batch: 16, steps: 12 };

const naive = (items: number, queries: number): ComparisonSide => ({
  name: "numpy and scikit-learn",
  runs: "python",
  workload: "naive_retrieval",
  options: { items, queries },
});

/** All comparisons, in the order of the printed table. */
export const measurements: readonly ComparisonSetup[] = [
  trains(18, 32, 128, 16),
  trains(18, 32, 1024, 2),
  trains(50, 32, 128, 6),
  trains(50, 32, 1024, 1),
  trains(50, 224, 32, 1),
  embeds(18, 32, 8192),
  embeds(50, 32, 2048),
  embeds(50, 224, 64),
  {
    id: "train-h",
    title: "training h, batch 1024, inner width 2048",
    unit: "rows",
    ...sides("transformationStep", "transformation_step", { inner: 2048, batch: 1024, steps: 12 }, trainingModes),
    target: 1,
    memoryTarget,
    rounds: 5,
  },
  {
    id: "train-decoder",
    title: "training step, decoder, width 128, 16 texts of 64",
    unit: "tokens",
    ...sides("decoderStep", "decoder_step", decoder, trainingModes),
    target: 1,
    memoryTarget,
    rounds: 5,
  },
  {
    id: "train-h-table",
    title: "training h for a whole table, ResNet-50, 224 x 224",
    unit: "images",
    ours: [own("transformationTable")],
    theirs: [{ name: "PyTorch, three backbones in every epoch", runs: "python", workload: "transformation_table" }],
    target: 20,
    rounds: 3,
    note: "per image of the published recipe: two cached views by three backbones and 80 passes of h, against three backbones and h in each of 80 epochs; one embedding and a few steps are timed and multiplied out",
  },
  {
    id: "evaluate-10000",
    title: "CMC and mAP, 10,000 items of 128 dimensions",
    unit: "queries",
    ours: [own("evaluation", { items: 10_000 })],
    theirs: [naive(10_000, 1000)],
    target: 50,
    rounds: 3,
    note: "the peer ranks 1,000 of the 10,000 queries; its time grows with their number",
  },
  {
    id: "evaluate-50000",
    title: "CMC and mAP, 50,000 items of 128 dimensions",
    unit: "queries",
    ours: [own("evaluation", { items: 50_000 })],
    theirs: [naive(50_000, 200)],
    target: null,
    rounds: 1,
    note: "the peer ranks 200 of the 50,000 queries, extrapolated",
  },
  {
    id: "evaluate-products",
    title: "the same, against its matrix products alone",
    unit: "queries",
    ours: [own("evaluation", { items: 50_000 })],
    theirs: [own("distanceProducts", { items: 50_000 }, "products of TensorFlow")],
    target: 1 / 6,
    rounds: 1,
    note: "at most six times the products' time, below 2 GB",
  },
  {
    id: "top-100",
    title: "100 nearest of 50,000 items for each of them",
    unit: "queries",
    ours: [own("nearest", { items: 50_000, k: 100 })],
    theirs: [{ name: "faiss (exact)", runs: "python", workload: "faiss_search", options: { items: 50_000, k: 100 } }],
    target: 0.7,
    rounds: 3,
  },
  {
    id: "backfill-curve",
    title: "backfilling curve of 22 points, 10,000 items",
    unit: "points",
    ours: [own("curve", { items: 10_000 })],
    theirs: [own("evaluations", { items: 10_000 }, "22 evaluations of this library")],
    target: 5,
    rounds: 1,
  },
  {
    id: "map-gallery",
    title: "mapping a gallery by h, inner width 2048",
    unit: "items",
    ours: [own("mapping")],
    theirs: [own("embedding", { depth: 50, side: 224, images: 64 }, "embedding it by ResNet-50, 224 x 224")],
    target: null,
    rounds: 3,
  },
  {
    id: "decode",
    title: "decoding JPEG and random resized crop, 224 x 224",
    unit: "images",
    ours: [own("decoding")],
    theirs: [own("sharpAlone", {}, "sharp alone")],
    target: 0.9,
    rounds: 5,
    note: "ours also normalises into a batch of floats",
  },
  {
    id: "kernel-start",
    title: "kernel start to the first training step in a notebook",
    unit: "starts",
    ours: [own("kernelStart")],
    theirs: [],
    target: null,
    mostSeconds: 2.5,
    rounds: 3,
  },
];
