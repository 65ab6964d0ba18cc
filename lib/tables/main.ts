import type { Table } from "../experiments/table";
import type { Recipes } from "./recipes/base";
import { ownPhotographs } from "./recipes/photographs";
import { recipesAt } from "./recipes/recipes";
import { reportedMain } from "./shared/reported";
import { modelsOf, rowsOn, usualScales } from "./shared/shared-models";

/** The columns of mainRows beside the metrics. */
export const seenMeasures = [
  { id: "seenMAP", title: "mAP of seen classes (%)", decimals: 1 },
  { id: "unseenMAP", title: "mAP of unseen classes (%)", decimals: 1 },
] as const;

/** The main table: half of the classes -> all (the official README has it). */
export const mainTable: Table = {
  id: "main",
  title: "Half of the classes to all: independent training, BCT and FCT",
  notebook: "01-main",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  measures: seenMeasures,
  notes: [
    "Published shares with side-information: on ImageNet-1k from SimCLR of the old classes, on CIFAR-100 from SimCLR of all of ImageNet-1k, which is another experiment than ours.",
    "BCT here has the old classifier on old classes; table baselines has its other flavour. The published figures (BT-2) are of BCT with the class means of old features of all classes, weight 10 and normalised features: on CIFAR-100 it loses in top-1 and gains in top-5 and mAP.",
    "With equal epochs the old model, which sees half of the images, takes half of the new one's steps: the gap is of training length as well as of classes.",
  ],
  rows: (scale, seed) => mainRows(recipesAt(scale, seed), reportedMain),
  onImages: (images, { scale, seed }) => mainRows(ownPhotographs(images, scale, seed), () => []),
};

/**
 * The rows of the main table with any recipes, with the mAP of classes that the old model has seen
 * and has not seen; `reported` gives the published numbers of a row.
 */
export function mainRows(recipes: Recipes, reported: typeof reportedMain): ReturnType<Table["rows"]> {
  const { dataset, old, next, bct, autoencoder, simclr, fct } = modelsOf(recipes);
  const write = rowsOn(dataset);
  const measurements = [{ kind: "seen-and-unseen", seen: recipes.half }] as const;
  const row = (...[id, label, query, gallery]: Parameters<typeof write>) =>
    write(id, label, query, gallery, { reported: reported(id), measurements });
  const mapped = fct(simclr);
  return [
    row("old-old", "old / old", old, old),
    row("independent", "new / old, independent", next, old),
    row("bct-new-old", "BCT new / old", bct, old),
    row("bct-new-new", "BCT new / new", bct, bct),
    row("fct-none", "new / h(old), FCT without side-information", next, fct(null)),
    row("fct-autoencoder", "new / h(old), FCT, autoencoder side-information", next, fct(autoencoder)),
    row("fct-simclr", "new / h(old), FCT, SimCLR side-information", next, mapped),
    row("fct-simclr-mapped", "h(old) / h(old), FCT, SimCLR side-information", mapped, mapped),
    row("new-new", "new / new", next, next),
  ];
}
