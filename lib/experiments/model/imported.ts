import { resolve } from "node:path";
import { openTransformation } from "../../adapters/open-transformation";
import { type Artifact, readSealed } from "../../core/artifacts/store";
import { unexpected } from "../../core/check";
import { InputError } from "../../core/input-error";
import type { Architecture } from "../../nn/networks/network";
import { formOf } from "../../nn/transformation";
import type { BackboneRecipe } from "../../training/backbone";
import { backbone, upgrade } from "./construct";
import { type Backbone, dimensionsOf, type Upgrade } from "./model";

/**
 * A backbone, or a side-information model, that `fct import` wrote to `path`, for rows on the
 * images of `recipe`: it stands wherever a trained backbone does, as the old model of an upgrade,
 * its target or its side-information. Of the recipe count the dataset, which also normalises the
 * pixels, the classes and augmentation that an h learns by, and the loss, by which embeddings are
 * divided by their lengths or not. Throws InputError if the file is damaged or holds no backbone.
 */
export function importedBackbone(path: string, recipe: BackboneRecipe): Backbone {
  const { artifact, sha256 } = imported(path, ["backbone", "side-information"]);
  const architecture = artifact.facts.architecture as unknown as Architecture;
  const classes = artifact.arrays.classifier?.shape[1] ?? null;
  const { imported: _, ...others } = recipe;
  const { kind, recipe: own } = backbone({ ...others, architecture });
  return { kind, recipe: { ...own, imported: { path: resolve(path), sha256, classes } } };
}

/**
 * FCT by an h that `fct import` wrote to `path`. Throws InputError if the file is damaged or no h,
 * and RangeError if it maps other dimensions than those of the models.
 */
export function importedUpgrade(
  path: string,
  { old, target, side }: Pick<Upgrade, "old" | "target" | "side">,
): Upgrade {
  const { artifact, sha256 } = imported(path, ["transformation"]);
  const { linear, layers, variant } = formOf(artifact.arrays);
  if (variant !== undefined) throw unexpected(`h of ${path}`, "FCT's, or a plain linear map", variant);
  requireDimensions(path, artifact, { old, target, side });
  const { kind, recipe } = upgrade(old, { target, side });
  const { loss: _, ...own } = recipe;
  const form = linear ? { linear } : layers === undefined || layers === 2 ? {} : { layers };
  return {
    kind,
    recipe: { ...own, ...form, imported: { path: resolve(path), sha256, classes: null } },
    old,
    target,
    side,
  };
}

function imported(path: string, roles: readonly string[]): { readonly artifact: Artifact; readonly sha256: string } {
  const { artifact, digest } = readSealed(path);
  if (roles.includes(String(artifact.facts.role))) return { artifact, sha256: digest };
  const fault = `it holds no ${roles.join(" or ")} that "fct import" wrote`;
  throw new InputError({ file: path, fault, remedy: `import the weights by "fct import FILE --as ${roles[0]}"` });
}

function requireDimensions(
  path: string,
  { arrays }: Artifact,
  { old, target, side }: Pick<Upgrade, "old" | "target" | "side">,
): void {
  const h = openTransformation(arrays, path);
  h.dispose();
  const models = { old: dimensionsOf(old), side: dimensionsOf(side ?? old) };
  const [taken, given] =
    "together" in h.takes
      ? [String(h.takes.together), String(models.old + models.side)]
      : [`${h.takes.old} and ${h.takes.side}`, `${models.old} and ${models.side}`];
  if (taken !== given) throw unexpected(`dimensions that the h of ${path} takes`, `${given} of the models`, taken);
  const to = dimensionsOf(target);
  if (h.target !== to) throw unexpected(`dimensions that the h of ${path} maps to`, `${to} of the target`, h.target);
}
