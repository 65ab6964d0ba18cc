import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../../core/artifacts/store";
import { fileSha256, isPlainObject, sha256 } from "../../core/hash";
import type { SourceFile } from "./catalogue";
import { archiveFolder, type DataPlaces } from "./dataset-state";
import { type BytesReport, download } from "./download";

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
 * A file of a dataset: from the mirror folder if it is there, else from an earlier download, else
 * downloaded. Throws if its checksum is wrong; a download is then kept aside, a mirror's file left
 * as it is.
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

/**
 * The SHA-256 of a file; throws unless it is the published one or, without one, the first found.
 */
async function checked(
  file: SourceFile,
  path: string,
  archives: string,
  note: (text: string) => void,
): Promise<string> {
  const bytes = statSync(path).size;
  if (bytes !== file.bytes) throw new Error(`${path} has ${bytes} bytes instead of ${file.bytes}`);
  const sha256 = await fileSha256(path);
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

/** What checksums.json says of one file. */
interface Checksum {
  readonly bytes: number;
  readonly sha256: string;
}

/** A committed file's content. Throws if checksums.json beside it has another length or SHA-256. */
export async function readChecked(folder: string, name: string): Promise<Uint8Array> {
  const expected = await checksumOf(folder, name);
  const path = join(folder, name);
  const content = await readFile(path).catch((cause: unknown) => {
    throw new Error(`${path} cannot be read: ${restore(name)}`, { cause });
  });
  if (content.length !== expected.bytes) {
    throw new Error(`${path} has ${content.length} bytes instead of ${expected.bytes}: ${restore(name)}`);
  }
  const found = sha256(content);
  if (found !== expected.sha256) {
    throw new Error(`${path} was altered, its SHA-256 is ${found} instead of ${expected.sha256}: ${restore(name)}`);
  }
  return content;
}

async function checksumOf(folder: string, name: string): Promise<Checksum> {
  const path = join(folder, "checksums.json");
  const known: unknown = JSON.parse(await readFile(path, "utf8"));
  const checksum = isPlainObject(known) ? known[name] : undefined;
  if (!isPlainObject(checksum) || typeof checksum.bytes !== "number" || typeof checksum.sha256 !== "string") {
    throw new Error(`${path} has no { bytes, sha256 } of ${name}: ${restore("checksums.json")}`);
  }
  return { bytes: checksum.bytes, sha256: checksum.sha256 };
}

function restore(name: string): string {
  return `restore it with "git checkout -- data/${name}"`;
}
