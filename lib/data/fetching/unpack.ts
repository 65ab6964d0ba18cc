import { createReadStream } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { readRegularFile } from "../../core/input/open-file";
import { refuseEntry } from "../../core/input/zip";
import { type ArchiveLimits, admission, admittedZip, entryWriter } from "./archive-entries";
import type { SourceFile } from "./published-dataset";
import { boundedStream, decompressed, unxzed } from "./read-tar";
import { tarEntries } from "./tar-entries";

// Node reads no larger file at once.
const largestZip = 2 ** 31 - 1;

/** Unpacks an archive, or copies a plain file, into a folder; an error may leave a part of it. */
export async function unpackArchive(path: string, format: SourceFile["format"], into: Unpacking): Promise<void> {
  await mkdir(into.folder, { recursive: true });
  switch (format) {
    case "tar.gz":
      return unpackTar(path, gunzipped(path), into);
    case "tar.xz":
      return unpackTar(path, unxzed(path, Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>), into);
    case "zip":
      return unpackZip(path, await readRegularFile(path, { most: largestZip }), into);
    case "file":
      return copyFile(path, join(into.folder, basename(path)));
  }
}

async function* gunzipped(path: string): AsyncGenerator<Uint8Array, void> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on("error", (error) => gunzip.destroy(error));
  yield* decompressed(path, file.pipe(gunzip));
}

/** Where an archive is unpacked, and what it may hold. */
interface Unpacking {
  readonly folder: string;
  /** The archive's one top folder, which is left out. */
  readonly topFolder: string | null;
  readonly limits: ArchiveLimits;
}

/**
 * Unpacks an uncompressed tar stream. Throws, naming archive and entry, on anything but files and
 * folders within the archive and within the limits.
 */
async function unpackTar(archive: string, content: AsyncIterable<Uint8Array>, into: Unpacking): Promise<void> {
  const { limits } = into;
  const admit = admission(archive, limits);
  const writer = entryWriter(archive, into.folder, into.topFolder);
  const stream = boundedStream(archive, content, limits);
  try {
    for await (const entry of tarEntries(archive, stream)) {
      const path = admit(entry.path, entry.size);
      if (entry.kind === "folder") await writer.folder(path);
      else if (entry.kind === "file") await writer.file(path, entry.content);
      else refuseEntry(archive, entry.path, `is a ${entry.kind}: files and folders are allowed`);
    }
  } finally {
    await stream.return();
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
