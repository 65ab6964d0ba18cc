import { backbone, compatible, upgrade } from "../experiments/model/construct";
import type { Backbone, Upgrade } from "../experiments/model/model";
import type { Row, Table } from "../experiments/table";
import type { BackboneRecipe } from "../training/backbone";
import { normalisesEmbeddings } from "../training/backbone-loss";
import {
  arcface,
  batchHardTriplet,
  cosface,
  cosine,
  normalisedSoftmax,
  scaledSquaredError,
} from "../training/loss-values";
import { modelsAt, rowsOn, type SharedModels, secondNetwork, usualScales } from "./shared/shared-models";

const upgradedLabel = "new / h(old), FCT, SimCLR";

/** A change of loss from the old to the new model. `recipesAt` says what the seed determines. */
export const lossesTable: Table = {
  id: "losses",
  title: "Another loss: from softmax to others and back",
  notebook: "03-loss-change",
  scales: usualScales,
  gap: null,
  notes: [
    "At the quick scale the new models have half the usual width, but for softmax -> softmax.",
    "Models trained on directions (normalised softmax, ArcFace, CosFace, triplet) are compared by unit vectors, and so is what h maps to them. h to them learns by the cosine loss, which is not the published one and was chosen on these test images, or by the scaled squared error, which is the published loss times the dimensions; a row with the published loss itself stands for ArcFace. BCT's rows compare cosines, as its own evaluation does, but its old classifier still reads unit vectors, which a softmax model never saw.",
  ],
  rows: (scale, seed) => {
    const models = modelsAt(scale, seed);
    const { recipes, dataset, old, next, simclr, fct } = models;
    const row = rowsOn(dataset);
    const lossChange = changeRows(models);
    const plain = { ...recipes.pairBackbone, labelSmoothing: 0 };
    const same = { group: "softmax -> softmax", gap: { from: "old-old", to: "same-new-new" } };
    return [
      row("old-old", "old / old", old, old, same),
      row("same-fct", upgradedLabel, next, fct(simclr), same),
      row("same-new-new", "new / new", next, next, same),
      ...lossChange("unsmoothed", "softmax without smoothing", plain),
      ...lossChange("normalised", "normalised softmax", { ...plain, loss: normalisedSoftmax() }),
      ...lossChange("arcface", "ArcFace", { ...plain, loss: arcface() }, { further: true }),
      ...lossChange("cosface", "CosFace", { ...plain, loss: cosface() }),
      ...lossChange("triplet", "triplet", { ...plain, loss: batchHardTriplet() }),
      ...lossChange("back", "softmax", recipes.pairBackbone, { from: secondNetwork(recipes) }),
    ];
  },
};

/** Options of a change: further rows (BCT, the squared error), or another old model. */
interface ChangeOptions {
  readonly further?: boolean;
  readonly from?: Backbone;
}

/** Writes the rows of an update to a new model with another loss. */
function changeRows({
  recipes,
  dataset,
  old,
  simclr,
}: SharedModels): (id: string, name: string, recipe: BackboneRecipe, options?: ChangeOptions) => readonly Row[] {
  const row = rowsOn(dataset);
  return (id, name, recipe, { further = false, from = old } = {}) => {
    const start = from === old ? "old-old" : `${id}-old-old`;
    const extras = {
      group: `${from === old ? "softmax" : "ArcFace"} -> ${name}`,
      gap: { from: start, to: `${id}-new-new` },
    };
    const target = backbone(recipe);
    const bct = compatible(recipe, { old: from });
    const h = (changes: Partial<Upgrade["recipe"]> = {}): Upgrade =>
      upgrade(from, { target, side: simclr, recipe: { ...recipes.transformation, ...changes } });
    return [
      ...(from === old ? [] : [row(start, "old / old", from, from, extras)]),
      ...(further
        ? [
            row(`${id}-bct`, "BCT new / old, cosines", bct, from, { ...extras, distance: "cosine" }),
            row(`${id}-bct-new-new`, "BCT new / new, cosines", bct, bct, { ...extras, distance: "cosine" }),
            row(`${id}-fct-squared`, `${upgradedLabel}, squared error`, target, h(), extras),
          ]
        : []),
      ...(normalisesEmbeddings(recipe)
        ? [
            row(`${id}-fct`, `${upgradedLabel}, cosine loss`, target, h({ loss: cosine() }), extras),
            row(
              `${id}-fct-scaled`,
              `${upgradedLabel}, scaled squared error`,
              target,
              h({ loss: scaledSquaredError() }),
              extras,
            ),
          ]
        : [row(`${id}-fct`, upgradedLabel, target, h(), extras)]),
      row(`${id}-new-new`, "new / new", target, target, extras),
    ];
  };
}
