import { aligned, distilled } from "../experiments/model/construct";
import type { Measurement } from "../experiments/steps/measurement";
import type { Table } from "../experiments/table";
import { fastfill } from "../training/loss-values";
import { alignmentWeight, distillations } from "./recipes/recipes";
import { modelsAt, rowsOn, usualScales } from "./shared/shared-models";

/** What an update does to single queries and pairs, and what compatibility costs. */
export const flipsTable: Table = {
  id: "flips",
  title: "Retrieval flips: what an update breaks and mends",
  notebook: "09-flips",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  measures: [
    { id: "negative", title: "negative flips NFR (%)", decimals: 1 },
    { id: "positive", title: "positive flips PFR (%)", decimals: 1 },
    { id: "inconsistent", title: "MUSCLE's inconsistency (%)", decimals: 1 },
    { id: "tax", title: "compatibility tax, top-1 (points)", decimals: 1 },
    { id: "samePairs", title: "same-class pairs not farther (%)", decimals: 1 },
    { id: "otherPairs", title: "other pairs not closer (%)", decimals: 1 },
  ],
  notes: [
    "An update is compatible by the empirical criterion where it closes more than 0 % of the gap.",
    "Positive-congruent training (focal distillation, CVPR 2021) and MUSCLE's mask make new models that learn the old one's answers as classifiers; their whole gallery is embedded again.",
    "Pairs are compared by plain L2 distances, so that a model whose embeddings have another scale differs for that alone.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, bct, autoencoder, simclr, fct } = modelsAt(scale, seed);
    const write = rowsOn(dataset);
    const before = { query: old, gallery: old };
    const measurements: readonly Measurement[] = [
      { kind: "flips", before },
      { kind: "compatible-pairs", before },
      { kind: "tax", reference: next },
    ];
    const row = (...[id, label, query, gallery]: Parameters<typeof write>) =>
      write(id, label, query, gallery, { measurements });
    const l2 = aligned(recipes.backbone, { old, weight: alignmentWeight });
    const congruent = distilled(recipes.backbone, { old, distillation: distillations.focal });
    const masked = distilled(recipes.backbone, { old, next, distillation: distillations.masked });
    return [
      write("old-old", "old / old", old, old),
      row("independent", "new / old, independent", next, old),
      row("l2", "L2 baseline new / old", l2, old),
      row("bct-new-old", "BCT new / old", bct, old),
      row("fct-none", "new / h(old), FCT without side-information", next, fct(null)),
      row("fct-autoencoder", "new / h(old), FCT, autoencoder", next, fct(autoencoder)),
      row("fct-simclr", "new / h(old), FCT, SimCLR", next, fct(simclr)),
      row("fastfill-simclr", "new / h(old), FastFill, SimCLR", next, fct(simclr, { loss: fastfill() })),
      row("new-new", "new / new", next, next),
      row("bct-new-new", "BCT new / new", bct, bct),
      row("congruent-new-new", "positive-congruent new / new", congruent, congruent),
      row("muscle-new-new", "MUSCLE-masked new / new", masked, masked),
    ];
  },
};
