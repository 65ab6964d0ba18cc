import { existsSync, readFileSync, renameSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../../core/artifacts/store";
import { fileSha256, isPlainObject, sha256 } from "../../core/hash";
import { boundedJson } from "../../core/input/json";
import { checkRegularFile, readRegularFile } from "../../core/input/open-file";
import { InputError } from "../../core/input-error";
import type { ArchiveLimits } from "./archive-entries";
import { archiveFolder, type DataPlaces } from "./dataset-state";
import { type BytesReport, download } from "./download";
import type { SourceFile } from "./published-dataset";
import { type ArchiveFile, xzTarFiles } from "./read-tar";

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
  /** Whether this run downloaded it; any other file is the user's, and stays. */
  readonly downloaded: boolean;
}

/**
 * A file of a dataset: from the mirror folder if it is there, else from an earlier download, else
 * downloaded. Throws InputError if its checksum is wrong; what this run downloaded is then kept
 * aside, any other file left as it is.
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
    return { file, path: mirrored, sha256: await checked(file, mirrored, archives, note), downloaded: false };
  }
  const downloaded = !existsSync(own);
  if (downloaded) {
    if (file.url === null) {
      throw new Error(`${title}: ${file.name} has no public home: name a folder that holds it in FCT_DATA_MIRROR`);
    }
    note(`${file.name}: downloaded from ${file.url}`);
    await download(file.url, file.bytes, own, progress(file.name));
  }
  try {
    return { file, path: own, sha256: await checked(file, own, archives, note), downloaded };
  } catch (cause) {
    if (!(cause instanceof InputError) || !downloaded) throw cause;
    renameSync(own, `${own}.wrong`);
    const remedy = `it is kept aside as ${own}.wrong, the next run downloads it anew`;
    throw new InputError({ file: own, fault: cause.fault, remedy, cause });
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
  const bytes = checkRegularFile(path);
  const remedy = "move it away or delete it, then run the same command";
  if (file.bytes !== null && bytes !== file.bytes) {
    throw new InputError({ file: path, fault: `has ${bytes} bytes instead of ${file.bytes}`, remedy });
  }
  const sha256 = await fileSha256(path);
  const first = join(archives, `${file.name}.sha256`);
  const expected = file.sha256 ?? (existsSync(first) ? readFileSync(first, "utf8").trim() : null);
  if (expected !== null && sha256 !== expected) {
    throw new InputError({ file: path, fault: `has SHA-256 ${sha256} instead of ${expected}`, remedy });
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

// More than any committed file has.
const mostBytes = 2 ** 28;

/**
 * A committed file's content. Throws InputError if checksums.json beside it has another length or
 * SHA-256.
 */
export async function readChecked(folder: string, name: string): Promise<Uint8Array> {
  const expected = await checksumOf(folder, name);
  const path = join(folder, name);
  const content = await readRegularFile(path, { most: mostBytes }).catch((cause: unknown) => {
    throw new InputError({ file: path, fault: `cannot be read: ${reasonOf(cause)}`, remedy: restore(name), cause });
  });
  if (content.length !== expected.bytes) {
    const fault = `has ${content.length} bytes instead of ${expected.bytes}`;
    throw new InputError({ file: path, fault, remedy: restore(name) });
  }
  const found = sha256(content);
  if (found !== expected.sha256) {
    const fault = `was altered, its SHA-256 is ${found} instead of ${expected.sha256}`;
    throw new InputError({ file: path, fault, remedy: restore(name) });
  }
  return content;
}

/** The files of a committed tar.xz archive. Throws InputError as `readChecked` and `xzTarFiles`. */
export async function readCheckedTar(
  folder: string,
  name: string,
  limits: ArchiveLimits,
): Promise<readonly ArchiveFile[]> {
  return xzTarFiles(join(folder, name), await readChecked(folder, name), limits);
}

async function checksumOf(folder: string, name: string): Promise<Checksum> {
  const path = join(folder, "checksums.json");
  const refuse = (fault: string): InputError =>
    new InputError({ file: path, fault, remedy: restore("checksums.json") });
  const text = (await readRegularFile(path, { most: jsonLimits.length })).toString("utf8");
  const known = boundedJson(text, jsonLimits, refuse);
  const checksum = isPlainObject(known) ? known[name] : undefined;
  if (!isPlainObject(checksum) || typeof checksum.bytes !== "number" || typeof checksum.sha256 !== "string") {
    throw refuse(`has no { bytes, sha256 } of ${name}`);
  }
  return { bytes: checksum.bytes, sha256: checksum.sha256 };
}

const jsonLimits = { length: 1_000_000, depth: 8, values: 10_000 } as const;

function reasonOf(cause: unknown): string {
  return cause instanceof InputError ? cause.fault : String(cause);
}

function restore(name: string): string {
  return `restore it with "git checkout -- data/${name}"`;
}
