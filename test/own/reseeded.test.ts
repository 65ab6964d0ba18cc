import { expect, it } from "vitest";
import type { ClassSelection } from "../../lib/data/splits/class-selection";
import { backbone } from "../../lib/experiments/model/construct";
import { reseeded } from "../../lib/own/reseeded";
import { recipesAt } from "../../lib/tables/recipes/recipes";

const { backbone: recipe } = recipesAt("quick", 4);

/** The classes of the model two seeds later. */
function later(classes: ClassSelection): unknown {
  const model = reseeded(backbone({ ...recipe, classes }), 2);
  if (model.kind !== "backbone") throw new Error("a backbone stays one");
  expect(model.recipe.seed).toBe(6);
  return model.recipe.classes;
}

it("draws other classes for another seed if the seed that draws them is the run's own", () => {
  const half = { fraction: 0.5, images: 0.2 } as const;
  expect(later({ ...half, shuffle: { seed: 1 } })).toEqual({ ...half, shuffle: { seed: 3 } });
  for (const classes of ["all", { ...half, shuffle: 1 }, { ...half, shuffle: null }, { folders: ["Greek"] }] as const) {
    expect(later(classes)).toEqual(classes);
  }
});
