import { aligned, backbone, compatible, upgrade } from "../experiments/model/model";
import type { Table } from "../experiments/table";
import type { BackboneRecipe } from "../training/backbone";
import { normalisesEmbeddings } from "../training/backbone-loss";
import { alignmentWeight, arcface, batchHardTriplet, cosface, normalised } from "./recipes/recipes";
import { modelsAt, rowsOn, secondNetwork, usualScales } from "./shared-models";

const cosine = { kind: "cosine" } as const;
const mapped = "new / h(old), FCT, SimCLR";

/** A change of loss between the old and the new model. */
export const lossesTable: Table = {
  id: "losses",
  title: "Another loss: from softmax to others and back",
  notebook: "03-loss-change",
  scales: usualScales,
  gap: null,
  notes: [
    "At the quick scale the new models have half the usual width, but for softmax -> softmax.",
    "Models trained on directions (normalised softmax, ArcFace, CosFace, triplet) are compared by unit vectors, and so is what h maps to them; h to them learns by the cosine loss, but for one row. BCT's new queries are then unit vectors that search an old gallery of any length.",
    "The L2 baseline is openBCT's: the new model's own loss plus the mean squared error to the old embedding.",
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, simclr, fct } = modelsAt(scale, seed);
    const row = rowsOn(dataset);
    const base = recipes.pairBackbone;
    const map = (from: typeof old, target: typeof old, loss?: typeof cosine) =>
      upgrade(from, { target, side: simclr, recipe: { ...recipes.transformation, ...(loss && { loss }) } });
    const change = (id: string, name: string, recipe: BackboneRecipe, { further = false, from = old } = {}) => {
      const group = `${from === old ? "softmax" : "ArcFace"} -> ${name}`;
      const start = from === old ? "old-old" : `${id}-old-old`;
      const target = backbone(recipe);
      const held = compatible(recipe, { old: from });
      const extras = { group, gap: { from: start, to: `${id}-new-new` } };
      return [
        ...(from === old ? [] : [row(start, "old / old", from, from, extras)]),
        ...(further
          ? [
              row(`${id}-bct`, "BCT new / old", held, from, extras),
              row(`${id}-bct-new-new`, "BCT new / new", held, held, extras),
              row(`${id}-fct-squared`, `${mapped}, squared error`, target, map(from, target), extras),
            ]
          : []),
        row(`${id}-fct`, mapped, target, map(from, target, normalisesEmbeddings(recipe) ? cosine : undefined), extras),
        row(`${id}-new-new`, "new / new", target, target, extras),
      ];
    };
    const plain = { ...base, labelSmoothing: 0 };
    const close = aligned(recipes.backbone, { old, weight: alignmentWeight });
    const same = { group: "softmax -> softmax", gap: { from: "old-old", to: "same-new-new" } };
    return [
      row("old-old", "old / old", old, old, same),
      row("same-l2", "L2 baseline new / old", close, old, same),
      row("same-l2-new-new", "L2 baseline new / new", close, close, same),
      row("same-fct", mapped, next, fct(simclr), same),
      row("same-new-new", "new / new", next, next, same),
      ...change("unsmoothed", "softmax without smoothing", plain),
      ...change("normalised", "normalised softmax", { ...plain, loss: normalised }),
      ...change("arcface", "ArcFace", { ...plain, loss: arcface }, { further: true }),
      ...change("cosface", "CosFace", { ...plain, loss: cosface }),
      ...change("triplet", "triplet", { ...plain, loss: batchHardTriplet }),
      ...change("back", "softmax", base, { from: secondNetwork(recipes) }),
    ];
  },
};
