import { aligned, backbone, compatible, upgrade } from "../experiments/model/construct";
import type { Aligned, Compatible } from "../experiments/model/model";
import type { Row, Table } from "../experiments/table";
import { alignmentWeight, bctWeight, recipesAt } from "./recipes/recipes";
import { holdingOut, modelsAt, modelsOf, rowsOn, usualScales } from "./shared/shared-models";

const cosines = { distance: "cosine", gap: { from: "old-old-cosine", to: "new-new-cosine" } } as const;

/** What FCT is compared with, each at its best: BCT's flavours, L2 baselines, longer training. */
export const baselinesTable: Table = {
  id: "baselines",
  title: "Baselines: flavours of BCT, L2 to the old embedding, and an old model of as many steps",
  notebook: "01-main",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  notes: [
    "BCT's judge is the old classifier, on images of old classes, or one made of the class means of old embeddings, on all images, as BT-2 has it. Rows of cosines compare directions instead of raw vectors.",
    `Our L2 baseline is the new model's loss plus ${alignmentWeight} times the mean squared error to the old embedding. openBCT's is the squared error of unit vectors alone; its README has 13.0 % top-1 new/old and 43.8 % new/new on ImageNet-1k.`,
    "The old model of as many steps has as many more epochs as it has fewer images: what is left of the gap is of classes and images, not of training length.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, bct, simclr, fct } = modelsAt(scale, seed);
    const row = rowsOn(dataset);
    const means = compatible(recipes.backbone, { old, weight: bctWeight.classMeans, judge: "class-means" });
    const l2 = aligned(recipes.backbone, { old, weight: alignmentWeight });
    const openL2 = aligned(recipes.backbone, { old, alone: true });
    const { epochs, ...schedule } = recipes.backbone.schedule;
    const longer = backbone({ ...old.recipe, schedule: { ...schedule, epochs: 2 * epochs } });
    const fromLonger = upgrade(longer, { target: next, side: simclr, recipe: recipes.transformation });
    const steps = { group: "old model of as many steps", gap: { from: "steps-old-old", to: "new-new" } };
    return [
      row("old-old", "old / old", old, old),
      row("bct", "BCT new / old", bct, old),
      row("bct-new-new", "BCT new / new", bct, bct),
      row("means", "BCT by class means, new / old", means, old),
      row("means-new-new", "BCT by class means, new / new", means, means),
      row("l2", "our L2 baseline, new / old", l2, old),
      row("l2-new-new", "our L2 baseline, new / new", l2, l2),
      row("fct-simclr", "new / h(old), FCT, SimCLR", next, fct(simclr)),
      row("new-new", "new / new", next, next),
      row("old-old-cosine", "old / old, cosines", old, old, cosines),
      row("bct-cosine", "BCT new / old, cosines", bct, old, cosines),
      row("means-cosine", "BCT by class means, new / old, cosines", means, old, cosines),
      row("open-l2", "openBCT's L2 baseline, new / old, cosines", openL2, old, cosines),
      row("open-l2-new-new", "openBCT's L2 baseline, new / new, cosines", openL2, openL2, cosines),
      row("fct-simclr-cosine", "new / h(old), FCT, SimCLR, cosines", next, fct(simclr), cosines),
      row("new-new-cosine", "new / new, cosines", next, next, cosines),
      row("steps-old-old", "old / old", longer, longer, steps),
      row("steps-fct-simclr", "new / h(old), FCT, SimCLR", next, fromLonger, steps),
    ];
  },
};

/** The weights that were tried, once each. */
const triedWeights = { bct: [0.3, 1, 3, 10], l2: [0.1, 0.3, 1, 10, 100] } as const;

/**
 * The weights of the baselines' terms of the old model, on images that are held out of training.
 * The best mAP of new/old decides, which is what FCT is compared with; new/new says what it costs.
 */
export const choicesTable: Table = {
  id: "choices",
  title: "Weights of the baselines, compared on training images that are held out",
  notebook: "01-main",
  scales: { quick: usualScales.quick, laptop: usualScales.laptop },
  gap: { from: "old-old", to: "new-new" },
  notes: [
    "All models here are trained without the images for validation, and these are what is searched and found: no test image is read.",
    "The weight with the best mAP of new/old is the one that the recipes have (results/trials.json): it favours the baseline in what FCT is compared with.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next } = modelsOf(holdingOut(recipesAt(scale, seed), seed));
    const { backbone: recipe } = recipes;
    const row = rowsOn(dataset);
    const tried = (id: string, group: string, weight: number, model: Compatible | Aligned): readonly Row[] => [
      row(`${id}-${weight}`, `new / old, weight ${weight}`, model, old, { group }),
      row(`${id}-${weight}-new-new`, `new / new, weight ${weight}`, model, model, { group }),
    ];
    return [
      row("old-old", "old / old", old, old),
      row("new-new", "new / new", next, next),
      ...triedWeights.bct.flatMap((weight) =>
        tried("bct", "BCT by the old classifier", weight, compatible(recipe, { old, weight })),
      ),
      ...triedWeights.bct.flatMap((weight) =>
        tried("means", "BCT by class means", weight, compatible(recipe, { old, weight, judge: "class-means" })),
      ),
      ...triedWeights.l2.flatMap((weight) => tried("l2", "our L2 baseline", weight, aligned(recipe, { old, weight }))),
    ];
  },
};
