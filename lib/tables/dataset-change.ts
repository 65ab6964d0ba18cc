import { backbone, compatible, sideInformation, upgrade } from "../experiments/model/construct";
import type { Table } from "../experiments/table";
import { recipesAt } from "./recipes/recipes";
import { rowsOn } from "./shared/shared-models";

/** Old and new model trained on different data. */
export const datasetChangeTable: Table = {
  id: "dataset-change",
  title: "Another dataset: the new model never saw most of the old one's classes",
  notebook: "05-dataset-change",
  scales: {
    quick: {
      seeds: 1,
      dataset: "Omniglot, alphabets of the first archive -> those of the second, tested on all, 32 x 32 pixels",
    },
    laptop: {
      seeds: 1,
      dataset: "Tiny-ImageNet reduced to 32 x 32 pixels, the first 100 classes -> the other 100, tested on all 200",
    },
    paper: {
      seeds: 1,
      dataset: "ImageNet-1k, the first 500 classes -> the other 500, tested on all, 224 x 224 pixels",
    },
  },
  gap: { from: "old-old", to: "new-new" },
  notes: [
    "At the quick scale both models have half the usual width.",
    "BCT's old classifier counts only for new images of old classes: at the quick scale Greek and Latin, at the others none.",
  ],
  rows: (scale, seed) => {
    const recipes = recipesAt(scale, seed);
    const { dataset, before, after } = recipes.datasetChange;
    const old = backbone({ ...recipes.pairBackbone, dataset, classes: before });
    const next = backbone({ ...recipes.pairBackbone, dataset, classes: after });
    const bct = compatible(next.recipe, { old });
    const simclr = sideInformation({ ...recipes.simclr, dataset, classes: before });
    const fct = (side: typeof simclr | null) => upgrade(old, { target: next, side, recipe: recipes.transformation });
    const row = rowsOn(dataset);
    return [
      row("old-old", "old / old", old, old),
      row("independent", "new / old, independent", next, old),
      row("bct-new-old", "BCT new / old", bct, old),
      row("bct-new-new", "BCT new / new", bct, bct),
      row("fct-none", "new / h(old), FCT without side-information", next, fct(null)),
      row("fct-simclr", "new / h(old), FCT, SimCLR side-information", next, fct(simclr)),
      row("new-new", "new / new", next, next),
    ];
  },
};
