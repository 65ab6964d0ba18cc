import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { artifactPath } from "../../core/artifacts/obtain";
import {
  type MakingRecord,
  makingSchema,
  readMakingRecord,
  readRecord,
  writeRecord,
} from "../../core/artifacts/record";
import { readArtifact, readSealed, writeArtifact } from "../../core/artifacts/store";
import type { Json } from "../../core/hash";
import { InputError } from "../../core/input-error";
import { cacheFolder, committedFolder } from "../../core/paths";
import type { DatasetRecipe } from "../../data/load-dataset";
import { importedBackbone, importedUpgrade } from "../../experiments/model/imported";
import type { Backbone, SideInformation, Upgrade } from "../../experiments/model/model";
import { trainingOf } from "../../experiments/steps/training";
import { modelsAt } from "./shared-models";

/** An update by FCT with SimCLR's side-information. */
export interface ModelUpdate {
  readonly dataset: DatasetRecipe;
  readonly old: Backbone;
  readonly next: Backbone;
  /** The old model's gallery, brought to `next`. */
  readonly mapped: Upgrade;
}

/** What is known of a stored model, beside its weights. */
interface ModelCard {
  readonly format: "fct model 1";
  readonly scale: string;
  readonly seed: number;
  /** The key of the training, which follows from the recipe. */
  readonly key: string;
  readonly recipe: Json;
  /** The floats are rounded to 16 bits. */
  readonly floats: "F16";
  /** The checksum inside of the weights' file. */
  readonly weights: string;
  readonly made: MakingRecord;
}

const cardSchema: z.ZodType<ModelCard> = z.strictObject({
  format: z.literal("fct model 1"),
  scale: z.string(),
  seed: z.int(),
  key: z.string(),
  recipe: z.json(),
  floats: z.literal("F16"),
  weights: z.string(),
  made: makingSchema,
});

const seed = 0;

/** The models of the main table, seed 0, under the names of their files. */
function declaredAt(scale: string) {
  const { dataset, old, next, simclr, fct } = modelsAt(scale, seed);
  return { dataset, named: { old, new: next, simclr, h: fct(simclr) } };
}

type Name = keyof ReturnType<typeof declaredAt>["named"];

/** Where the models of a scale are stored. */
export function modelsFolder(scale: string): string {
  return join(committedFolder(), scale, "models");
}

const pathIn = (folder: string, name: string): string => join(folder, `${name}.safetensors`);
const cardOf = (weights: string): string => weights.replace(/safetensors$/, "json");

/**
 * The update of the main table, seed 0, to look at closely. If its models are stored in results/,
 * the weights are those; else they are made, or found in the cache. Throws InputError if a stored
 * model is damaged or of another declaration.
 */
export function updateAt(scale: string, folder: string = modelsFolder(scale)): ModelUpdate {
  const { dataset, named } = declaredAt(scale);
  const { old, new: next, h } = named;
  if (!existsSync(folder)) return { dataset, old, next, mapped: h };
  const path = (name: Name): string => pathIn(folder, name);
  for (const [name, model] of Object.entries(named)) requireDeclared(scale, pathIn(folder, name), model);
  const models = {
    old: importedBackbone(path("old"), old.recipe),
    target: importedBackbone(path("new"), next.recipe),
    side: importedBackbone(path("simclr"), old.recipe),
  };
  return { dataset, old: models.old, next: models.target, mapped: importedUpgrade(path("h"), models) };
}

function requireDeclared(scale: string, file: string, model: Backbone | SideInformation | Upgrade): void {
  const card = readRecord(cardOf(file), cardSchema);
  const remedy = `write it again by npm run fct -- models --scale ${scale}`;
  if (card === null) throw new InputError({ file: cardOf(file), fault: "is missing", remedy });
  if (card.key !== trainingOf(model).key) throw new InputError({ file, fault: "is of another declaration", remedy });
  if (card.weights === readSealed(file).digest) return;
  throw new InputError({ file, fault: "is not what its card describes", remedy });
}

/**
 * Writes the models of the main table, seed 0, from the cache to `folder`, each with a card. Gives
 * the files' paths. Throws InputError, before anything is written, if one is not in the cache.
 */
export function storeModels(scale: string, folder: string): readonly string[] {
  const made = Object.entries(declaredAt(scale).named).map(([name, model]) => {
    const { key } = trainingOf(model);
    const file = artifactPath(cacheFolder(), trainingOf(model));
    const record = existsSync(file) ? readMakingRecord(file) : null;
    const remedy = `npm run reproduce -- --table main --scale ${scale}`;
    if (record === null) throw new InputError({ file, fault: `the model "${name}" is not in the cache`, remedy });
    return { path: pathIn(folder, name), model, key, record, arrays: readArtifact(file).arrays };
  });
  return made.map(({ path, model, key, record, arrays }) => {
    writeArtifact(path, { arrays, facts: factsOf(model) }, "F16");
    const { digest: weights } = readSealed(path);
    const recipe = model.recipe as unknown as Json;
    const card = { scale, seed, key, recipe, floats: "F16", weights } as const;
    writeRecord(cardOf(path), { format: "fct model 1", ...card, made: record as unknown as Json });
    return path;
  });
}

/** As `fct import` writes them. */
function factsOf(model: Backbone | SideInformation | Upgrade): Readonly<Record<string, Json>> {
  if (model.kind === "upgrade") return { role: "transformation" };
  return { role: model.kind, architecture: { ...model.recipe.architecture } };
}
