import { existsSync, readFileSync, renameSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../core/store";
import type { SourceFile } from "./catalogue";
import { archiveFolder, type DataPlaces } from "./dataset-state";
import { type BytesReport, download } from "./download";
import { fileChecksum } from "./file-checksum";

/** Where a dataset comes from and goes to, and who is told. */
export interface Getting {
  readonly places: DataPlaces;
  readonly note: (text: string) => void;
  readonly progress: (file: string) => BytesReport;
}

/** An archive on this machine whose checksum is right. */
export interface VerifiedFile {
  readonly file: SourceFile;
  readonly path: string;
  readonly sha256: string;
}

/**
 * A file of a dataset: from the mirror folder where it is there, else from an earlier download, else downloaded. Throws where its checksum is
 * wrong; a download is then kept aside, a mirror's file left as it is.
 */
export async function verifiedFile(
  file: SourceFile,
  title: string,
  { places, note, progress }: Getting,
): Promise<VerifiedFile> {
  const archives = archiveFolder(places.fetched);
  await mkdir(archives, { recursive: true });
  const own = join(archives, file.name);
  const mirrored = places.mirror === null ? null : join(places.mirror, file.name);
  if (mirrored !== null && existsSync(mirrored)) {
    note(`${file.name}: taken from ${places.mirror}`);
    return { file, path: mirrored, sha256: await checked(file, mirrored, archives, note) };
  }
  if (!existsSync(own)) {
    if (file.url === null) {
      throw new Error(`${title}: ${file.name} has no public home: name a folder that holds it in FCT_DATA_MIRROR`);
    }
    note(`${file.name}: downloaded from ${file.url}`);
    await download(file.url, file.bytes, own, progress(file.name));
  }
  try {
    return { file, path: own, sha256: await checked(file, own, archives, note) };
  } catch (error) {
    renameSync(own, `${own}.wrong`);
    throw new Error(`${(error as Error).message}; it is kept aside as ${own}.wrong, the next run downloads it anew`, {
      cause: error,
    });
  }
}

/** The SHA-256 of a file; throws where it is neither the published one nor, where none is, the one found at first. */
async function checked(
  file: SourceFile,
  path: string,
  archives: string,
  note: (text: string) => void,
): Promise<string> {
  const { bytes, sha256 } = await fileChecksum(path);
  if (bytes !== file.bytes) throw new Error(`${path} has ${bytes} bytes instead of ${file.bytes}`);
  const first = join(archives, `${file.name}.sha256`);
  const expected = file.sha256 ?? (existsSync(first) ? readFileSync(first, "utf8").trim() : null);
  if (expected !== null && sha256 !== expected) {
    throw new Error(`${path} has SHA-256 ${sha256} instead of ${expected}`);
  }
  if (file.sha256 === null) {
    note(
      `${file.name}: no checksum was published; SHA-256 ${sha256} ${expected === null ? "is kept from now on" : "as before"}`,
    );
    writeAtomically(first, `${sha256}\n`);
  }
  return sha256;
}
