import type { Artifact } from "../../core/artifacts/store";
import { arrayNamed, type NamedArrays } from "../../core/named-arrays";
import { selectedSplit } from "../../data/splits/class-selection";
import type { Dataset } from "../../data/splits/dataset";
import { normalisesEmbeddings } from "../../training/backbone-loss";
import { meansClassifier } from "../../training/class-means";
import type { OldModel } from "../../training/old-term";
import type { Backbone, Distilled, ImageModel, SideInformation } from "../model/model";
import { embeddingsIn } from "./artifacts";

/** What a training reads besides the old model's weights. */
interface Beside {
  /** Embeddings by which class means judge, or the weights of the new model of a distillation. */
  readonly further: Artifact | undefined;
  readonly dataset: Dataset;
}

/** The old model that takes part in a backbone's training; null if it is trained on its own. */
export function oldModelOf(
  model: Exclude<ImageModel, SideInformation>,
  weights: NamedArrays,
  { further, dataset }: Beside,
): OldModel | null {
  if (model.kind === "backbone") return null;
  const { weight } = model;
  const { classes, architecture, loss } = model.old.recipe;
  switch (model.kind) {
    case "compatible": {
      const oldClasses = model.judge === undefined ? classes : model.recipe.classes;
      const classifier = further === undefined ? weights : judgedBy(model, weights, further, dataset);
      return { kind: "compatible", classifier, oldClasses, weight, oldLoss: loss };
    }
    case "aligned":
      return {
        kind: "aligned",
        architecture,
        weights,
        weight,
        unit: normalisesEmbeddings(model.old.recipe),
        alone: model.alone,
      };
    case "distilled":
      return distilledFrom(model, weights, further);
  }
}

/** The classifier made of the class means of the old embeddings of the training images. */
function judgedBy({ recipe }: ImageModel, weights: NamedArrays, embeddings: Artifact, dataset: Dataset): NamedArrays {
  const { labels } = selectedSplit(dataset.train, recipe.classes);
  const like = arrayNamed(weights, "classifier");
  return {
    classifier: meansClassifier(embeddingsIn(embeddings), { labels, classes: dataset.train.classNames.length, like }),
  };
}

/** The models whose answers a backbone learns, as they were trained. */
function distilledFrom(
  { old, next, distillation, weight }: Distilled,
  weights: NamedArrays,
  nextWeights: Artifact | undefined,
): OldModel {
  const classifier = ({ recipe: { architecture, loss } }: Backbone, own: NamedArrays) => ({
    architecture,
    loss,
    weights: own,
  });
  return {
    kind: "distilled",
    old: classifier(old, weights),
    oldClasses: old.recipe.classes,
    next: next && classifier(next, nextWeights?.arrays ?? {}),
    distillation,
    weight,
  };
}
