import type { ClassSelection } from "../data/splits/class-selection";
import { backbone, compatible, sideInformation, upgrade } from "../experiments/model/construct";
import type { Backbone, Compatible, SideInformation, Upgrade } from "../experiments/model/model";
import type { Row, Table } from "../experiments/table";
import type { Recipes } from "./recipes/base";
import { recipesAt } from "./recipes/recipes";
import { rowsOn } from "./shared/shared-models";

/** Old and new model trained on different data. */
export const datasetChangeTable: Table = {
  id: "dataset-change",
  title: "Another dataset: other classes, or more images of the same",
  notebook: "05-dataset-change",
  scales: {
    quick: {
      seeds: 1,
      dataset: "Omniglot, alphabets of the first archive -> those of the second, tested on all, 32 x 32 pixels",
    },
    laptop: {
      seeds: 1,
      dataset: "CIFAR-100, the first 50 classes -> the other 50, tested on all 100, 32 x 32 pixels",
    },
    paper: {
      seeds: 1,
      dataset: "ImageNet-1k, the first 500 classes -> the other 500, tested on all, 224 x 224 pixels",
    },
  },
  gap: { from: "old-old", to: "new-new" },
  measures: [
    { id: "seenMAP", title: "mAP of the old model's classes (%)", decimals: 1 },
    { id: "unseenMAP", title: "mAP of all others (%)", decimals: 1 },
  ],
  notes: [
    "At the quick scale both models have half the usual width.",
    "BCT's old classifier counts only for new images of old classes: at the quick scale Greek and Latin, at the others none.",
    "Which of two disjoint datasets is the better one is not known beforehand: the update is made in both directions, and only one of them can have a gap.",
    "The last update has more images of the same classes: its old model saw a fifth of them.",
  ],
  rows: (scale, seed) => {
    const recipes = recipesAt(scale, seed);
    const { dataset, before, after } = recipes.datasetChange;
    const forward = changeOf(recipes, { classes: before, later: after });
    const back = changeOf(recipes, { classes: after, later: before });
    const row = rowsOn(dataset);
    const rows = (prefix: string, group: string, { old, next, bct, fct, simclr, classes }: Change): readonly Row[] => {
      const extras = {
        group,
        gap: { from: `${prefix}old-old`, to: `${prefix}new-new` },
        measurements: [{ kind: "seen-and-unseen", seen: classes }],
      } as const;
      return [
        row(`${prefix}old-old`, "old / old", old, old, extras),
        row(`${prefix}independent`, "new / old, independent", next, old, extras),
        row(`${prefix}bct-new-old`, "BCT new / old", bct, old, extras),
        row(`${prefix}bct-new-new`, "BCT new / new", bct, bct, extras),
        row(`${prefix}fct-none`, "new / h(old), FCT without side-information", next, fct(null), extras),
        row(`${prefix}fct-simclr`, "new / h(old), FCT, SimCLR side-information", next, fct(simclr), extras),
        row(`${prefix}new-new`, "new / new", next, next, extras),
      ];
    };
    return [
      ...rows("", "first part -> second part", forward),
      ...rows("back-", "second part -> first part", back),
      ...imageRows(recipes, forward),
    ];
  },
};

/** The models of an update from one part of the classes to another. */
interface Change {
  readonly classes: ClassSelection;
  readonly old: Backbone;
  readonly next: Backbone;
  readonly bct: Compatible;
  readonly simclr: SideInformation;
  readonly fct: (side: SideInformation | null) => Upgrade;
}

function changeOf(
  { pairBackbone, simclr: side, transformation: recipe, datasetChange: { dataset } }: Recipes,
  { classes, later }: { readonly classes: ClassSelection; readonly later: ClassSelection },
): Change {
  const old = backbone({ ...pairBackbone, dataset, classes });
  const next = backbone({ ...pairBackbone, dataset, classes: later });
  return {
    classes,
    old,
    next,
    bct: compatible(next.recipe, { old }),
    simclr: sideInformation({ ...side, dataset, classes }),
    fct: (model) => upgrade(old, { target: next, side: model, recipe }),
  };
}

/** The rows of an update from a fifth of each class's images to all of them. */
function imageRows(
  { pairBackbone, simclr: side, transformation: recipe, datasetChange: { dataset } }: Recipes,
  { classes }: Pick<Change, "classes">,
): readonly Row[] {
  const few = { ...(classes as Exclude<ClassSelection, "all">), images: 0.2 };
  const old = backbone({ ...pairBackbone, dataset, classes: few });
  const next = backbone({ ...pairBackbone, dataset, classes });
  const simclr = sideInformation({ ...side, dataset, classes: few });
  const extras = { group: "a fifth of the images -> all", gap: { from: "images-old-old", to: "images-new-new" } };
  const row = rowsOn(dataset);
  const fct = (model: SideInformation | null) => upgrade(old, { target: next, side: model, recipe });
  return [
    row("images-old-old", "old / old", old, old, extras),
    row("images-fct-none", "new / h(old), FCT without side-information", next, fct(null), extras),
    row("images-fct-simclr", "new / h(old), FCT, SimCLR side-information", next, fct(simclr), extras),
    row("images-new-new", "new / new", next, next, extras),
  ];
}
