import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeAtomically } from "../../core/artifacts/store";
import { exclusive } from "../../core/exclusive";
import type { DatasetSource, PublishedDataset } from "./catalogue";
import { archiveFolder, datasetState } from "./dataset-state";
import { unpackArchive } from "./unpack";
import { type Getting, type VerifiedFile, verifiedFile } from "./verified-file";

type FetchedSource = Extract<DatasetSource, { readonly kind: "fetched" }>;

/**
 * Brings a dataset into its folder: archives from the mirror folder or their home are verified and
 * unpacked in a hidden neighbour, which is renamed at the end. Does nothing if the dataset is
 * there. Throws on a wrong checksum, a refused archive or another process at the same work.
 */
export async function getDataset(name: string, dataset: PublishedDataset, getting: Getting): Promise<void> {
  const { source, title } = dataset;
  if (source.kind !== "fetched") throw new Error(`${title} is not fetched: it is ${source.kind}`);
  if (isPresent(name, dataset, getting)) return;
  await exclusive(join(getting.places.fetched, `.${name}.lock`), async () => {
    if (isPresent(name, dataset, getting)) return;
    const files: VerifiedFile[] = [];
    for (const file of source.files) files.push(await verifiedFile(file, title, getting));
    await unpackAll(name, dataset, source, files, getting);
  });
}

function isPresent(name: string, dataset: PublishedDataset, { places, note }: Getting): boolean {
  const state = datasetState(name, dataset, places);
  const folder = join(places.fetched, name);
  if (state.kind === "partial" && state.place === folder) {
    throw new Error(
      `${folder} lacks ${state.missing.join(", ")}: move it away or delete it, then run the same command`,
    );
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
  const begun = `.${name}.unpacking`;
  const left = readdirSync(places.fetched).filter((entry) => entry.startsWith(begun));
  for (const entry of left) rmSync(join(places.fetched, entry), { recursive: true });
  const folder = join(places.fetched, `${begun}.${process.pid}`);
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
    if (missing.length > 0) throw new Error(`${title}: ${missing.join(", ")} missing in the archive`);
    writeStamp(folder, { files: files.map(({ file, sha256 }) => ({ name: file.name, bytes: file.bytes, sha256 })) });
    renameSync(folder, target);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const archives = archiveFolder(places.fetched);
  for (const { path } of files) if (path.startsWith(archives)) rmSync(path);
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
    throw new Error(`${path} is damaged: delete the folder ${folder} and get the dataset again`, { cause });
  }
}
