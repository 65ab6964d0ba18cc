import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../../core/artifacts/store";
import { exclusive } from "../../core/exclusive";
import { InputError } from "../../core/input-error";
import { archivesOf, datasetState } from "./dataset-state";
import type { DatasetSource, PublishedDataset } from "./published-dataset";
import { unpackArchive } from "./unpack";
import { type Getting, type VerifiedFile, verifiedFile } from "./verified-file";

type FetchedSource = Extract<DatasetSource, { readonly kind: "fetched" }>;

/**
 * Brings a dataset into its folder: archives from the mirror folder or their home are verified and
 * unpacked in a hidden neighbour, which is renamed at the end. Does nothing if the dataset is
 * there. Removes only what it downloaded or unpacked itself. Throws on a wrong checksum, a refused
 * archive or another process at the same work.
 */
export async function getDataset(name: string, dataset: PublishedDataset, getting: Getting): Promise<void> {
  const { source, title } = dataset;
  if (source.kind !== "fetched") throw new Error(`${title} is not fetched: it is ${source.kind}`);
  if (isPresent(name, dataset, getting)) return;
  await exclusive(join(getting.places.fetched, `.${name}.lock`), async () => {
    if (isPresent(name, dataset, getting)) return;
    const files: VerifiedFile[] = [];
    for (const file of archivesOf(source, getting.places)) files.push(await verifiedFile(file, title, getting));
    await unpackAll(name, dataset, source, files, getting);
  });
}

function isPresent(name: string, dataset: PublishedDataset, { places, note }: Getting): boolean {
  const state = datasetState(name, dataset, places);
  const folder = join(places.fetched, name);
  if (state.kind === "partial" && state.place === folder) {
    throw new InputError({
      file: folder,
      fault: `lacks ${state.missing.join(", ")}`,
      remedy: "move it away or delete it, then run the same command",
    });
  }
  if (state.kind !== "present") return false;
  const stamp = readStamp(folder);
  const origin = stamp === null ? "put there by hand" : `from ${stamp.files.map((file) => file.name).join(", ")}`;
  note(`${dataset.title} is there already: ${folder}, ${origin}`);
  return true;
}

async function unpackAll(
  name: string,
  { title, expects }: PublishedDataset,
  { topFolder, unpacked }: FetchedSource,
  files: readonly VerifiedFile[],
  { places, note }: Getting,
): Promise<void> {
  const target = join(places.fetched, name);
  removeLeftOver(places.fetched, name);
  const folder = join(places.fetched, `${unpackingName(name)}.${process.pid}.${randomBytes(4).toString("hex")}`);
  mkdirSync(folder);
  writeFileSync(join(folder, mark), "");
  try {
    for (const { file, path } of files) {
      note(`${file.name}: checksum right, unpacked into ${target}`);
      await unpackArchive(path, file.format, {
        folder,
        topFolder,
        limits: { ...unpacked, bytesPerEntry: unpacked.bytes },
      });
    }
    const missing = expects.filter((part) => !existsSync(join(folder, part)));
    if (missing.length > 0) {
      const [first] = files;
      throw new InputError({
        file: first?.path ?? target,
        fault: `is not ${title}: ${missing.join(", ")} missing in it`,
      });
    }
    const described = files.map(({ file: { name }, path, sha256 }) => ({ name, bytes: statSync(path).size, sha256 }));
    writeStamp(folder, { files: described });
    rmSync(join(folder, mark));
    renameSync(folder, target);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  for (const { path, downloaded } of files) if (downloaded) rmSync(path);
}

/** A file in a folder that is being unpacked. */
const mark = ".unpacking-by-fct";

function unpackingName(name: string): string {
  return `.${name}.unpacking`;
}

/** Removes what an interrupted run left of its unpacking, and nothing that a user put there. */
function removeLeftOver(fetched: string, name: string): void {
  for (const entry of readdirSync(fetched, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith(unpackingName(name))) continue;
    const folder = join(fetched, entry.name);
    // A finished one has its stamp instead, until it is renamed.
    const isOurs = existsSync(join(folder, mark)) || existsSync(join(folder, stampName));
    if (isOurs) rmSync(folder, { recursive: true });
    else if (readdirSync(folder).length === 0) rmdirSync(folder);
  }
}

const stampName = "unpacked-from.json";
const schema = z.strictObject({
  files: z.array(z.strictObject({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** What a dataset's folder was unpacked from; it lies in the folder and is written last. */
interface CompletionStamp {
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

function writeStamp(folder: string, stamp: CompletionStamp): void {
  writeAtomically(join(folder, stampName), `${JSON.stringify(stamp, null, 2)}\n`);
}

/**
 * The stamp of a folder; null if there is none, since its content was put there by hand. Throws an
 * error that names a damaged one.
 */
function readStamp(folder: string): CompletionStamp | null {
  const path = join(folder, stampName);
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const remedy = `move the folder ${folder} away or delete it, and get the dataset again`;
    throw new InputError({ file: path, fault: "is damaged", remedy, cause });
  }
}
