import { aligned, backbone, chain, compatible, sideInformation, upgrade } from "../../lib/experiments/model/construct";
import type { Backbone } from "../../lib/experiments/model/model";
import type { Backfill } from "../../lib/experiments/steps/backfill";
import type { Row, Table } from "../../lib/experiments/table";
import { toyBackbone, toyShapes, toySimclr, toyTransformation } from "../training/shapes-toy";

/** The same model, but for the images that its validation split holds out. */
function heldOut({ recipe }: Backbone): Backbone {
  return backbone({ ...recipe, dataset: { ...toyShapes, validation: { seed: recipe.seed } } });
}

/** The models of the toy table of updates. */
export function toyModels(seed: number) {
  const first = backbone({ ...toyBackbone, classes: { fraction: 0.25, shuffle: 0 }, seed });
  const old = backbone({ ...toyBackbone, classes: { fraction: 0.5, shuffle: 0 }, seed });
  const next = backbone({ ...toyBackbone, seed });
  const side = sideInformation({ ...toySimclr, classes: { fraction: 0.25, shuffle: 0 }, seed });
  const recipe = { ...toyTransformation, seed };
  const fastfill = { ...recipe, loss: { kind: "fastfill", weight: 1, smoothing: 0.1 } } as const;
  const h01 = upgrade(first, { target: old, side, recipe });
  const h12 = upgrade(old, { target: next, side, recipe });
  return {
    first,
    old,
    next,
    l2: aligned(next.recipe, { old }),
    l2Alone: aligned(next.recipe, { old, alone: true }),
    means: compatible(next.recipe, { old, judge: "class-means" }),
    bct: compatible(next.recipe, { old: compatible(old.recipe, { old: first }) }),
    h12,
    reduced: upgrade(old, { target: next, side, recipe, sideComponents: 2 }),
    uncertain: upgrade(old, { target: next, side, recipe: fastfill }),
    unseen: upgrade(heldOut(old), { target: heldOut(next), side: null, recipe: fastfill }),
    chained: chain(h01, h12),
  };
}

/** Everything that a row can hold, in seconds: groups with gaps of their own, measures, curves, cells, chains, alignment. */
export const toyUpdates: Table = {
  id: "toy-updates",
  title: "Updates in small",
  notebook: "none",
  scales: { tiny: { seeds: 1, dataset: "drawn shapes" } },
  gap: { from: "old-old", to: "new-new" },
  measures: [
    { id: "negative", title: "negative flips (%)", decimals: 1 },
    { id: "positive", title: "positive flips (%)", decimals: 1 },
    { id: "accuracyChange", title: "change of top-1 (%)", decimals: 1 },
    { id: "tax", title: "tax (points)", decimals: 1 },
    { id: "samePairs", title: "same-class pairs (%)", decimals: 1 },
    { id: "averageCompatibility", title: "average compatibility (%)", decimals: 0 },
    { id: "size", title: "size", decimals: 0 },
    { id: "rankCorrelation", title: "rank correlation", decimals: 2 },
    { id: "predictedError", title: "predicted error", decimals: 3 },
    { id: "trueError", title: "true error", decimals: 3 },
  ],
  notes: ["a note"],
  rows: (_, seed) => {
    const { first, old, next, l2, l2Alone, means, bct, h12, reduced, uncertain, unseen, chained } = toyModels(seed);
    const row = (
      id: string,
      query: Row["query"],
      gallery: Row["gallery"],
      extras: Partial<Pick<Row, "group" | "gap" | "measurements" | "cell" | "backfill" | "distance">> = {},
    ): Row => ({ id, label: `row ${id}`, query, gallery, dataset: toyShapes, reported: [], ...extras });
    const before = { query: old, gallery: old };
    const filled = (order: Backfill["order"]) => ({ backfill: { next, order, seed } });
    const own = { group: "first", gap: { from: "first-first", to: "new-new" } };
    const matrix = [
      [{ query: first, gallery: first }],
      [
        { query: next, gallery: chained },
        { query: next, gallery: next },
      ],
    ];
    return [
      row("old-old", old, old, { cell: { panel: "toy", row: "old", column: "old" } }),
      row("l2", l2, old, { measurements: [{ kind: "tax", reference: next }] }),
      row("bct", bct, old),
      row("fct", next, h12, {
        measurements: [
          { kind: "flips", before },
          { kind: "compatible-pairs", before },
          { kind: "known", values: { size: 8 } },
        ],
      }),
      row("reduced", next, reduced),
      row("l2-alone", l2Alone, old, { distance: "cosine" }),
      row("means", means, old, { distance: "cosine" }),
      row("random", next, h12, filled("random")),
      row("random-4", next, h12, { backfill: { ...filled("random").backfill, permutations: 4 } }),
      row("fastfill", next, uncertain, { ...filled("uncertainty"), measurements: [{ kind: "calibration" }] }),
      row("held-own", unseen.target, unseen, { backfill: { next: unseen.target, order: "uncertainty", seed } }),
      row("held-fitted", unseen.target, unseen, {
        backfill: { next: unseen.target, order: "uncertainty", head: "held-out", seed },
        measurements: [{ kind: "calibration", head: "held-out" }],
      }),
      row("entropy", next, uncertain, filled("entropy")),
      row("true-loss", next, uncertain, filled("cross-entropy")),
      row("hindsight", next, uncertain, filled("true-distance")),
      row("first-first", first, first, own),
      row("chain", next, chained, { ...own, measurements: [{ kind: "average-compatibility", matrix }] }),
      row("new-new", next, next),
    ];
  },
};
