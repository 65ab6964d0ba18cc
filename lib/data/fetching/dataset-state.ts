import { existsSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { unreadable } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import { dataFolder, fetchedFolder, mirrorFolder } from "../../core/paths";
import { catalogue, type DatasetName } from "./catalogue";
import type { DatasetSource, PublishedDataset, SourceFile } from "./published-dataset";

/** How much of a dataset is on this machine; `missing` names what the folder `place` lacks. */
export type DatasetState =
  | { readonly kind: "present"; readonly place: string }
  | { readonly kind: "partial"; readonly place: string; readonly missing: readonly string[] }
  | { readonly kind: "archive only"; readonly place: string }
  | { readonly kind: "absent" };

/** Where datasets lie and where archives are looked for. */
export interface DataPlaces {
  readonly committed: string;
  readonly fetched: string;
  readonly mirror: string | null;
}

/** Where archives lie until they are unpacked. */
export function archiveFolder(fetched: string): string {
  return join(fetched, "archives");
}

/** The state of a dataset, by names alone: no content is read. */
export function datasetState(name: string, { source, expects }: PublishedDataset, places: DataPlaces): DatasetState {
  if (source.kind === "drawn") return { kind: "present", place: "drawn when it is used" };
  const folder = source.kind === "committed" ? places.committed : join(places.fetched, name);
  const missing = expects.flatMap((part) => lacking(folder, part, source.kind === "own-copy"));
  if (missing.length === 0) return { kind: "present", place: folder };
  if (existsSync(folder)) return { kind: "partial", place: folder, missing };
  if (source.kind !== "fetched") return { kind: "absent" };
  const archives = archiveFolder(places.fetched);
  for (const place of [archives, ...(places.mirror === null ? [] : [places.mirror])]) {
    if (allIn(place, archivesOf(source, places))) return { kind: "archive only", place };
  }
  const begun = source.files.filter((file) =>
    [file.name, `${file.name}.partial`].some((part) => existsSync(join(archives, part))),
  );
  return begun.length > 0
    ? { kind: "partial", place: archives, missing: source.files.map((file) => file.name) }
    : { kind: "absent" };
}

/**
 * The archives that a dataset is unpacked from: those of its home, or those that only the mirror
 * folder holds, in another form.
 */
export function archivesOf(
  { files, mirrored }: Extract<DatasetSource, { readonly kind: "fetched" }>,
  { fetched, mirror }: DataPlaces,
): readonly SourceFile[] {
  if (mirror === null || mirrored === undefined || !allIn(mirror, mirrored)) return files;
  return allIn(mirror, files) || allIn(archiveFolder(fetched), files) ? files : mirrored;
}

function allIn(place: string, files: readonly SourceFile[]): boolean {
  return files.every((file) => existsSync(join(place, file.name)));
}

/**
 * What a part lacks: itself, or what links in it name but is gone. An empty folder is not there;
 * nor is one that lacks expected class folders.
 */
function lacking(folder: string, part: string, classFolders: boolean): readonly string[] {
  const path = join(folder, part);
  const found = statOf(path);
  if (found === null) return [part];
  if (!found.isDirectory()) return classFolders ? [part] : [];
  const names = namesIn(path);
  if (!classFolders) return names.length > 0 ? [] : [part];
  const entries = names.map((name) => ({ name, found: statOf(join(path, name)) }));
  const dangling = entries.filter(({ found }) => found === null);
  if (dangling.length > 0) return dangling.map(({ name }) => `${part}/${name} (a link that leads nowhere)`);
  return entries.some(({ found }) => found?.isDirectory()) ? [] : [part];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

/** What stands at a path, behind any links; null if nothing does. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** The folders of this clone, and those that the environment names. */
export function dataPlaces(): DataPlaces {
  return { committed: dataFolder(), fetched: fetchedFolder(), mirror: mirrorFolder() };
}

/**
 * The folder of a dataset. Throws an error that names what it lacks of what the catalogue expects.
 */
export function presentFolder(name: DatasetName): string {
  const state = datasetState(name, catalogue[name], dataPlaces());
  if (state.kind === "present") return state.place;
  const folder = join(fetchedFolder(), name);
  if (state.kind !== "partial" || state.place !== folder) throw missingDataset(name);
  const fault = `is not ${catalogue[name].title}: ${state.missing.join(", ")} missing`;
  throw new InputError({ file: folder, fault, remedy: remedy(name) });
}

/** The error of a dataset that is not on this machine: its home, terms and the command to run. */
function missingDataset(name: DatasetName): Error {
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
