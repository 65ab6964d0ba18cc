import { createReadStream } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { XzReadableStream } from "xz-decompress";
import type { SourceFile } from "./catalogue";
import { namingErrors } from "./naming-errors";
import { type Unpacking, unpackTar } from "./unpack-tar";
import { unpackZip } from "./unpack-zip";

/** Unpacks the archive at `path` into a folder, which then may hold a part of it where this throws. A plain file is copied. */
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
