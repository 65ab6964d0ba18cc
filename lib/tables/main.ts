import { backbone, compatible, sideInformation, upgrade } from "../experiments/model";
import type { Row, Table } from "../experiments/table";
import { recipesAt } from "./recipes";
import { reportedMain } from "./reported";

/** The main table: half of the classes -> all of them (FCT, table 1; its side-information study joined). */
export const mainTable: Table = {
  id: "main",
  title: "Half of the classes to all: independent training, BCT and FCT",
  notebook: "01-main",
  scales: {
    quick: { seeds: 1, dataset: "Omniglot, 121 -> 242 characters, 32 x 32 pixels" },
    laptop: { seeds: 1, dataset: "Tiny-ImageNet, the first 50 -> 100 classes, 32 x 32 pixels" },
  },
  gap: { from: "old-old", to: "new-new" },
  rows: (scale, seed) => {
    const recipes = recipesAt(scale, seed);
    const { dataset } = recipes.backbone;
    const old = backbone({ ...recipes.backbone, classes: recipes.half });
    const next = backbone(recipes.backbone);
    const bct = compatible(recipes.backbone, { old });
    const fct = (side: Parameters<typeof upgrade>[1]["side"]) =>
      upgrade(old, { target: next, side, recipe: recipes.transformation });
    const autoencoder = sideInformation(recipes.autoencoder);
    const simclr = sideInformation(recipes.simclr);
    const row = (id: string, label: string, query: Row["query"], gallery: Row["gallery"]): Row => {
      return { id, label, query, gallery, dataset, reported: reportedMain(id) };
    };
    return [
      row("old-old", "old / old", old, old),
      row("independent", "new / old, independent", next, old),
      row("bct-new-old", "BCT new / old", bct, old),
      row("bct-new-new", "BCT new / new", bct, bct),
      row("fct-none", "new / h(old), FCT without side-information", next, fct(null)),
      row("fct-autoencoder", "new / h(old), FCT, autoencoder side-information", next, fct(autoencoder)),
      row("fct-simclr", "new / h(old), FCT, SimCLR side-information", next, fct(simclr)),
      row("new-new", "new / new", next, next),
    ];
  },
};
