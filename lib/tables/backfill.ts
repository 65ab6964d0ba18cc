import type { Model } from "../experiments/model/model";
import type { Backfill } from "../experiments/steps/backfill";
import type { Table } from "../experiments/table";
import { fastfill } from "../training/loss-values";
import { reportedBackfill } from "./shared/reported";
import { modelsAt, rowsOn, usualScales } from "./shared/shared-models";

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
  notes: [
    "A curve has 22 points from no item re-embedded to all; its row shows their mean (AUC). Queries are always the new model's, in BCT's row BCT's.",
    "The order by true distance knows how far h is from the new embedding, the order by distance to the class mean the gallery's labels (as arXiv 2509.16664): a system knows neither. The true distance bounds no other order.",
    "Figures of arXiv 2509.16664 are of maps that take the old embedding alone; there FCT and FastFill start equal.",
  ],
  rows: (scale, seed) => {
    const { dataset, old, next, bct, simclr, fct } = modelsAt(scale, seed);
    const write = rowsOn(dataset);
    const filled = (
      id: string,
      label: string,
      gallery: Model,
      order: Backfill["order"],
      query: typeof next | typeof bct = next,
    ) => write(id, label, query, gallery, { reported: reportedBackfill(id), backfill: { next: query, order, seed } });
    const end = (id: string, label: string, model: typeof old) =>
      write(id, label, model, model, { reported: reportedBackfill(id) });
    return [
      end("old-old", "old / old", old),
      filled("bct-random", "BCT, random order", old, "random", bct),
      filled("fct-none-random", "FCT without side-information, random order", fct(null), "random"),
      filled(
        "fastfill-none",
        "FastFill without side-information, by uncertainty",
        fct(null, { loss: fastfill() }),
        "uncertainty",
      ),
      filled("fct-simclr-random", "FCT, SimCLR, random order", fct(simclr), "random"),
      filled("fastfill-simclr-random", "FastFill, SimCLR, random order", fct(simclr, { loss: fastfill() }), "random"),
      filled("fastfill-simclr", "FastFill, SimCLR, by uncertainty", fct(simclr, { loss: fastfill() }), "uncertainty"),
      filled(
        "fastfill-simclr-class-mean",
        "FastFill, SimCLR, by distance to the class mean",
        fct(simclr, { loss: fastfill() }),
        "class-mean",
      ),
      filled(
        "fastfill-simclr-oracle",
        "FastFill, SimCLR, by true distance",
        fct(simclr, { loss: fastfill() }),
        "true-distance",
      ),
      end("new-new", "new / new", next),
    ];
  },
};
