import type { DatasetRecipe } from "../data/load-dataset";
import type { Model } from "../experiments/model/model";
import type { Backfill } from "../experiments/steps/backfill";
import type { Row, Table } from "../experiments/table";
import { fastfill } from "../training/loss-values";
import { reportedBackfill } from "./shared/reported";
import { holdingOut, modelsAt, modelsOf, rowsOn, type SharedModels, usualScales } from "./shared/shared-models";

/** Over how many permutations a random order is averaged. */
const permutations = 100;

/**
 * Partial backfilling (FastFill): the gallery is re-embedded bit by bit in some order, and the
 * metrics are means over the curve.
 */
export const backfillTable: Table = {
  id: "backfill",
  title: "Partial backfilling: FastFill's order against others",
  notebook: "07-backfill",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  measures: [
    { id: "rankCorrelation", title: "predicted against true error (Spearman)", decimals: 2 },
    { id: "predictedError", title: "mean predicted error", decimals: 3 },
    { id: "trueError", title: "mean true error", decimals: 3 },
  ],
  notes: [
    `A curve has 22 points from no item re-embedded to all; its row shows their mean (AUC). Queries are always the new model's, in BCT's row BCT's. A random order is the mean of ${permutations} permutations.`,
    "The order by entropy asks the new classifier how sure it is of h's output, which needs no training. The orders by true distance and by the classifier's true loss know what only re-embedding or labels tell, the order by distance to the class mean knows the gallery's labels (as arXiv 2509.16664): a system knows none of them. The true distance bounds no other order.",
    "In the last group, no model has learned the images that the validation split holds out. On them h errs as it does on images to come, and a new head is fitted there: a ridge regression of the logarithm of the true error on h's output.",
    "Figures of arXiv 2509.16664 are of maps that take the old embedding alone; there FCT and FastFill start equal.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, bct, simclr, fct } = modelsAt(scale, seed);
    const write = rowsOn(dataset);
    const filled = (
      id: string,
      label: string,
      gallery: Model,
      order: Backfill["order"],
      query: Backfill["next"] = next,
    ) =>
      write(id, label, query, gallery, {
        reported: reportedBackfill(id),
        ...filling({ next: query, order, seed }),
      });
    const end = (id: string, label: string, model: typeof old) =>
      write(id, label, model, model, { reported: reportedBackfill(id) });
    const orders = (id: string, label: string, gallery: Model) =>
      filledOrders.map(([order, name, suffix]) => filled(`${id}${suffix}`, `${label}, ${name}`, gallery, order));
    return [
      end("old-old", "old / old", old),
      filled("bct-random", "BCT, random order", old, "random", bct),
      filled("fct-none-random", "FCT without side-information, random order", fct(null), "random"),
      ...orders("fastfill-none", "FastFill without side-information", fct(null, { loss: fastfill() })),
      filled("fct-simclr-random", "FCT, SimCLR, random order", fct(simclr), "random"),
      ...orders("fastfill-simclr", "FastFill, SimCLR", fct(simclr, { loss: fastfill() })),
      end("new-new", "new / new", next),
      ...onHeldOut(modelsOf(holdingOut(recipes, seed)), dataset),
    ];
  },
};

/** A row's backfill: a random order has permutations, a predicted one its calibration. */
function filling(backfill: Backfill): Pick<Row, "backfill" | "measurements"> {
  const { order, head } = backfill;
  if (order === "random") return { backfill: { ...backfill, permutations } };
  if (order !== "uncertainty") return { backfill };
  return { backfill, measurements: [{ kind: "calibration", ...(head && { head }) }] };
}

/** What a head gains that is fitted on images which no model has learned. */
function onHeldOut({ recipes, old, next, fct }: SharedModels, dataset: DatasetRecipe): readonly Row[] {
  const { seed } = recipes.backbone;
  const mapped = fct(null, { loss: fastfill() });
  const row = rowsOn(dataset);
  const extras = { group: "images held out from all models", gap: { from: "held-old-old", to: "held-new-new" } };
  const filled = (id: string, label: string, backfill: Pick<Backfill, "order" | "head">) =>
    row(id, `FastFill without side-information, ${label}`, next, mapped, {
      ...extras,
      ...filling({ next, seed, ...backfill }),
    });
  return [
    row("held-old-old", "old / old", old, old, extras),
    filled("held-random", "random order", { order: "random" }),
    filled("held-own", "by h's own uncertainty", { order: "uncertainty" }),
    filled("held-fitted", "by uncertainty fitted on these images", { order: "uncertainty", head: "held-out" }),
    row("held-new-new", "new / new", next, next, extras),
  ];
}

/** The orders of the same mapped gallery: kind, name, and what it adds to a row's id. */
const filledOrders = [
  ["random", "random order", "-random"],
  ["uncertainty", "by predicted uncertainty", ""],
  ["entropy", "by the new classifier's entropy", "-entropy"],
  ["class-mean", "by distance to the class mean", "-class-mean"],
  ["true-distance", "by true distance", "-true-distance"],
  ["cross-entropy", "by the new classifier's true loss", "-cross-entropy"],
] as const;
