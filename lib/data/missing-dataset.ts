import { join } from "node:path";
import { dataFolder, fetchedFolder, mirrorFolder } from "../core/paths";
import { catalogue, type DatasetName } from "./catalogue";
import { type DataPlaces, datasetState } from "./dataset-state";

/** The folders of this clone, and those that the environment names. */
export function dataPlaces(): DataPlaces {
  return { committed: dataFolder(), fetched: fetchedFolder(), mirror: mirrorFolder() };
}

/** The folder of a dataset, once all that the catalogue expects lies in it; throws `missingDataset` or an error that names what is missing. */
export function presentFolder(name: DatasetName): string {
  const state = datasetState(name, catalogue[name], dataPlaces());
  if (state.kind === "present") return state.place;
  const folder = join(fetchedFolder(), name);
  if (state.kind !== "partial" || state.place !== folder) throw missingDataset(name);
  throw new Error(`${folder} is no ${catalogue[name].title}: ${state.missing.join(", ")} missing; ${remedy(name)}`);
}

/** What a run stops with where a dataset is not on this machine: its name, home, terms and the command to run. */
export function missingDataset(name: DatasetName): Error {
  const { title, home, terms } = catalogue[name];
  return new Error(
    `${title} is not on this machine (no ${join(fetchedFolder(), name)})\n` +
      `  home:  ${home}\n  terms: ${terms}\n  ${remedy(name)}`,
  );
}

function remedy(name: DatasetName): string {
  return catalogue[name].source.kind === "own-copy"
    ? `put your copy there, or a link to it: train/<class>/*.jpg and val/<class>/*.jpg (npm run fct -- data get ${name} says more)`
    : `run: npm run fct -- data get ${name}`;
}
