import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isPlainObject } from "../../core/hash";
import { cacheFolder, fetchedFolder, nearestExisting, runsFolder } from "../../core/paths";
import { catalogue, type DatasetName } from "../../data/fetching/catalogue";
import { dataPlaces, datasetState } from "../../data/fetching/dataset-state";
import { readChecked } from "../../data/fetching/verified-file";
import { type Finding, oneLine, type Patient, parsed, right, wrong } from "./finding";

/** The committed data against their checksums. */
export async function data({ root }: Patient): Promise<readonly Finding[]> {
  const folder = join(root, "data");
  const checksums = join(folder, "checksums.json");
  const remedy = "git checkout -- data";
  if (!existsSync(checksums)) return [wrong("data", "checksums.json is missing", remedy)];
  const known = parsed(checksums);
  if (!isPlainObject(known)) return [wrong("data", "checksums.json is damaged", remedy)];
  const found = Object.keys(known).map(async (name): Promise<Finding> => {
    const read = await readChecked(folder, name).catch((error: Error) => error);
    if (read instanceof Error) return wrong("data", oneLine(read.message), remedy);
    return right("data", `${name}: ${read.length} bytes, checksum right`);
  });
  return Promise.all(found);
}

/**
 * Fetched datasets and the user's own copies, whole or partial. Nothing is wrong with absent ones.
 */
export function datasets(): readonly Finding[] {
  return (Object.keys(catalogue) as readonly DatasetName[]).flatMap((name) => {
    const { source } = catalogue[name];
    if (source.kind === "drawn" || source.kind === "committed") return [];
    const remedy = `npm run fct -- data get ${name}`;
    try {
      const state = datasetState(name, catalogue[name], dataPlaces());
      if (state.kind === "present") return [right("data", `${name}: ${state.place}`)];
      if (state.kind !== "partial") return [];
      return [wrong("data", `${name}: ${state.place} lacks ${state.missing.join(", ")}`, remedy)];
    } catch (error) {
      return [wrong("data", `${name}: ${oneLine((error as Error).message)}`, remedy)];
    }
  });
}

/** The folders that runs write to, or the nearest ones above in which they would be made. */
export function folders(): readonly Finding[] {
  const wanted = { FCT_RESULTS: runsFolder(), FCT_CACHE: cacheFolder(), FCT_DATA: fetchedFolder() };
  return Object.entries(wanted).flatMap(([variable, folder]) => {
    const nearest = nearestExisting(folder);
    const remedy = `name a folder of your own in ${variable}`;
    try {
      if (!statSync(nearest).isDirectory()) return [wrong("folder", `${nearest} is not a folder`, remedy)];
      accessSync(nearest, constants.W_OK | constants.X_OK);
      return [];
    } catch {
      return [wrong("folder", `${folder} cannot be written`, remedy)];
    }
  });
}

/** The number of cached artifacts, and what of the cache is damaged at first sight. */
export function cache(): readonly Finding[] {
  const folder = cacheFolder();
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const names = readdirSync(folder);
  const artifacts = names.filter((name) => name.endsWith(".safetensors"));
  const damaged = [
    ...artifacts.filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size === 0),
    ...names.filter((name) => name.endsWith(".json") && !isPlainObject(parsed(join(folder, name)))),
  ];
  const text = `${folder}: ${artifacts.length} files`;
  if (damaged.length === 0) return [right("cache", text)];
  const first = damaged[0] as string;
  const others = damaged.length === 1 ? "" : ` and ${damaged.length - 1} more`;
  return [wrong("cache", `${text}, damaged: ${first}${others}`, `rm "${join(folder, first)}": it is made again`)];
}
