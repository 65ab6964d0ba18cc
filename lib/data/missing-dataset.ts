import { existsSync } from "node:fs";
import { join } from "node:path";
import { fetchedFolder } from "../core/paths";
import { catalogue, type DatasetName } from "./catalogue";

/** The folder of a dataset, once all that the catalogue expects lies in it; throws `missingDataset` or an error that names what is missing. */
export function presentFolder(name: DatasetName): string {
  const folder = join(fetchedFolder(), name);
  if (!existsSync(folder)) throw missingDataset(name);
  const missing = catalogue[name].expects.filter((part) => !existsSync(join(folder, part)));
  if (missing.length === 0) return folder;
  throw new Error(`${folder} is no ${catalogue[name].title}: ${missing.join(", ")} missing; ${remedy(name)}`);
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
