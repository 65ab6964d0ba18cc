import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { InputError } from "../../core/input-error";
import { cacheFolder, dataFolder, fetchedFolder, projectRoot } from "../../core/paths";
import { catalogue, type DatasetName } from "../../data/fetching/catalogue";
import { dataPlaces, datasetState } from "../../data/fetching/dataset-state";
import { packagesLoaded } from "./packages";

/** A file of a bundle: its path in it, and the file that it is a copy of. */
export interface BundledFile {
  readonly path: string;
  readonly source: string;
}

/** What is asked to be in a bundle besides the program. */
export interface ContentChoices {
  /** Fetched datasets. */
  readonly data: readonly string[];
  /** Trained models. */
  readonly cache: boolean;
}

/**
 * The files of a bundle but for TensorFlow's libraries: Node, the compiled library, the packages
 * that it loads, the committed results, and data. Throws InputError if a dataset is not here.
 */
export function bundleContent(choices: ContentChoices): readonly BundledFile[] {
  const root = projectRoot();
  const own = (folder: string, kept: (path: string) => boolean): readonly BundledFile[] =>
    filesUnder(join(root, folder))
      .filter(kept)
      .map((path) => ({ path: join("project", folder, path), source: join(root, folder, path) }));
  return [
    { path: "bin/node", source: process.execPath },
    ...["package.json", "lib/package.json", "LICENSE", "notebooks/README.md"].map((name) => file(root, name)),
    ...own("lib/dist", isLoaded),
    ...packagesLoaded(root).flatMap((folder) =>
      own(folder, (path) => isLoaded(path) && !path.includes("node_modules/")),
    ),
    ...own("results", (path) => /^[\w-]+\/[\w-]+\.json$/.test(path) && !/^(cache|run|own)\//.test(path)),
    ...filesUnder(dataFolder())
      .filter((path) => !path.startsWith("fetched/"))
      .map((path) => ({ path: join("project/data", path), source: join(dataFolder(), path) })),
    ...choices.data.flatMap(datasetFiles),
    ...(choices.cache ? cacheFiles() : []),
  ];
}

function file(root: string, name: string): BundledFile {
  return { path: join("project", name), source: join(root, name) };
}

/** Whether a program reads the file when it runs, rather than a compiler or a person. */
function isLoaded(path: string): boolean {
  return !/(\.d\.[cm]?ts|\.map|\.md|\.tsbuildinfo|(^|\/)\.[^/]+)$/i.test(path);
}

function datasetFiles(name: string): readonly BundledFile[] {
  const remedy = `npm run fct -- data get ${name}`;
  if (!Object.hasOwn(catalogue, name)) {
    throw new InputError({ file: name, fault: `is no dataset: ${Object.keys(catalogue).join(", ")} are` });
  }
  const known = catalogue[name as DatasetName];
  if (known.source.kind === "committed" || known.source.kind === "drawn") return [];
  const state = datasetState(name, known, dataPlaces());
  if (state.kind !== "present") throw new InputError({ file: name, fault: `is not here (${state.kind})`, remedy });
  return below(join("project/data/fetched", name), join(fetchedFolder(), name));
}

/** The artifacts of the cache with their records, without what else lies there or is unfinished. */
function cacheFiles(): readonly BundledFile[] {
  return below("project/results/cache", cacheFolder(), /^[^/]+-[0-9a-f]{32}\.(safetensors|json)$/);
}

function below(path: string, folder: string, wanted = /./): readonly BundledFile[] {
  const names = filesUnder(folder).filter((name) => wanted.test(name));
  return names.map((name) => ({ path: join(path, name), source: join(folder, name) }));
}

/** The sorted paths of all files beneath a folder, through links; empty if there is no folder. */
function filesUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const within = (path: string): readonly string[] =>
    readdirSync(path).flatMap((name) => {
      const inner = join(path, name);
      const found = statSync(inner, { throwIfNoEntry: false });
      if (found?.isDirectory()) return within(inner);
      return found?.isFile() ? [relative(folder, inner)] : [];
    });
  return [...within(folder)].sort();
}
