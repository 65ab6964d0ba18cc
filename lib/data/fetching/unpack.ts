import { createReadStream } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { XzReadableStream } from "xz-decompress";
import { refuseEntry } from "../../files/zip";
import { type ArchiveLimits, admission, admittedZip, entryWriter } from "./archive-entries";
import type { SourceFile } from "./catalogue";

/** Unpacks an archive, or copies a plain file, into a folder; an error may leave a part of it. */
export async function unpackArchive(path: string, format: SourceFile["format"], into: Unpacking): Promise<void> {
  await mkdir(into.folder, { recursive: true });
  switch (format) {
    case "tar.gz":
      return unpackTar(path, gunzipped(path), into);
    case "tar.xz":
      return unpackTar(path, unxzed(path), into);
    case "zip":
      return unpackZip(path, await readFile(path), into);
    case "file":
      return copyFile(path, join(into.folder, basename(path)));
  }
}

async function* gunzipped(path: string): AsyncGenerator<Uint8Array, void> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on("error", (error) => gunzip.destroy(error));
  yield* namingErrors(path, "does not decompress", file.pipe(gunzip));
}

async function* unxzed(path: string): AsyncGenerator<Uint8Array, void> {
  const compressed = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  yield* namingErrors(path, "does not decompress", new XzReadableStream(compressed));
}

/** Where an archive is unpacked, and what it may hold. */
interface Unpacking {
  readonly folder: string;
  /** The archive's one top folder, which is left out. */
  readonly topFolder: string | null;
  readonly limits: ArchiveLimits;
}

const headerBytes = 2048;

/**
 * Unpacks an uncompressed tar stream. Throws, naming archive and entry, on anything but files and
 * folders within the archive and within the limits.
 */
async function unpackTar(archive: string, content: AsyncIterable<Uint8Array>, into: Unpacking): Promise<void> {
  const { limits } = into;
  const admit = admission(archive, limits);
  const writer = entryWriter(archive, into.folder, into.topFolder);
  const entries = extract();
  // A refused entry ends both; the pipeline's error only says that it was cut.
  const flow = pipeline(bounded(archive, content, limits.bytes + limits.entries * headerBytes), entries);
  flow.catch(() => {});
  for await (const entry of namingErrors(archive, "is not a readable tar archive", entries)) {
    const { name, type, size = 0 } = entry.header;
    const path = admit(name, size);
    if (type === "directory") await writer.folder(path);
    else if (type === "file") await writer.file(path, entry as AsyncIterable<Uint8Array>);
    else refuseEntry(archive, name, `is a ${type}: files and folders are allowed`);
    entry.resume();
  }
  await flow;
}

/** The stream, ended with an error if it is longer than headers and admitted entries can be. */
async function* bounded(
  archive: string,
  content: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void> {
  let total = 0;
  for await (const chunk of content) {
    total += chunk.length;
    if (total > limit) throw new RangeError(`${archive} unpacks to more than ${limit} bytes`);
    yield chunk;
  }
}

async function unpackZip(archive: string, bytes: Buffer, into: Unpacking): Promise<void> {
  const admitted = await admittedZip(archive, bytes, into.limits);
  const writer = entryWriter(archive, into.folder, into.topFolder);
  for (const { entry, path } of admitted) {
    if (entry.kind === "folder") await writer.folder(path);
    else await writer.file(path, [await entry.content()]);
  }
}

/** The same items. An error without the name is thrown as "<name> <failure>: <reason>". */
async function* namingErrors<T>(
  name: string,
  failure: string,
  items: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw reason.startsWith(name) ? cause : new Error(`${name} ${failure}: ${reason}`, { cause });
  }
}
