import type { Table } from "../../experiments/table";
import { cosine, squaredErrorAndClassifier } from "../../training/loss-values";
import { modelsAt, rowsOn, usualScales } from "../shared/shared-models";

/** The transformation h itself: width, depth, linearity, amount of data, normalisation, loss. */
export const transformationTable: Table = {
  id: "transformation",
  title: "The transformation h: width, depth, data, normalisation and loss",
  notebook: "08-transformation",
  scales: usualScales,
  gap: { from: "old-old", to: "new-new" },
  measures: [
    { id: "width", title: "inner width", decimals: 0 },
    { id: "images", title: "training images (%)", decimals: 0 },
  ],
  rows: (scale, seed) => {
    const { recipes, dataset, old, next, simclr, fct } = modelsAt(scale, seed);
    const write = rowsOn(dataset);
    const { inner } = recipes.transformation;
    const row = (id: string, label: string, changes: Parameters<typeof fct>[1] = {}) => {
      const width = changes.linear ? {} : { width: changes.inner ?? inner };
      const values = { ...width, images: 100 * (changes.share ?? 1) };
      return write(id, label, next, fct(simclr, changes), { measurements: [{ kind: "known", values }] });
    };
    const widths = [inner / 8, inner / 2];
    return [
      write("old-old", "old / old", old, old),
      row("base", "h of the other tables"),
      ...widths.map((width) => row(`width-${width}`, `inner width ${width}`, { inner: width })),
      row("linear", "linear map", { linear: true }),
      ...[0, 4].map((layers) => row(`layers-${layers}`, `${layers} hidden layers in the mixer`, { layers })),
      ...[0.1, 0.25, 0.5].map((share) => row(`share-${share}`, `${100 * share} % of the training images`, { share })),
      row("batch-statistics", "no evaluation-mode half", { frozenNormShare: 0 }),
      row("cosine", "cosine loss", { loss: cosine() }),
      row("classifier", "MSE + the new classifier's loss", { loss: squaredErrorAndClassifier() }),
      write("new-new", "new / new", next, next),
    ];
  },
};
