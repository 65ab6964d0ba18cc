import type { ClassSelection } from "../data/splits/class-selection";
import type { Adapted, Backbone, ImageModel, Model, SideModel, Upgrade } from "../experiments/model/model";

/**
 * The model with `by` added to the seed of each of its recipes, and of those of its models; and to
 * the seed that draws classes, if it is the run's own.
 */
export function reseeded(model: Model, by: number): Model {
  switch (model.kind) {
    case "upgrade":
    case "adapted":
      return upgraded(model, by);
    case "chain": {
      const [first, then] = [upgraded(model.first, by), upgraded(model.then, by)];
      return { ...model, first, then };
    }
    case "backbone":
    case "compatible":
    case "aligned":
    case "distilled":
    case "side-information":
      return embedding(model, by);
  }
}

function upgraded<M extends Upgrade | Adapted>(model: M, by: number): M {
  const side: SideModel | null = model.side && embedding(model.side, by);
  return {
    ...model,
    recipe: later(model.recipe, by),
    old: embedding(model.old, by),
    target: embedding(model.target, by),
    side,
  };
}

function embedding<M extends ImageModel>(model: M, by: number): M {
  const old: { readonly old?: ImageModel } = "old" in model ? { old: embedding(model.old as Backbone, by) } : {};
  const next: { readonly next?: ImageModel | null } =
    "next" in model ? { next: model.next && embedding(model.next as Backbone, by) } : {};
  return { ...model, recipe: later(model.recipe, by), ...old, ...next };
}

function later<R extends { readonly seed: number; readonly classes?: ClassSelection }>(recipe: R, by: number): R {
  const seeded = { ...recipe, seed: recipe.seed + by };
  const { classes } = recipe;
  if (classes === undefined || classes === "all" || !("shuffle" in classes)) return seeded;
  const { shuffle } = classes;
  if (shuffle === null || typeof shuffle === "number") return seeded;
  return { ...seeded, classes: { ...classes, shuffle: { seed: shuffle.seed + by } } };
}
