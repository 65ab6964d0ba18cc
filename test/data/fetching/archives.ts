import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

export interface TarEntry {
  readonly name: string;
  readonly type?: Header["type"];
  readonly linkname?: string;
  readonly content?: string | Buffer;
}

/** A tar.gz of the given entries; equal entries give equal bytes. */
export async function tarGz(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = "", ...header } of entries) tar.entry({ ...header, mtime: new Date(0) }, content);
  tar.finalize();
  return gzipSync(await buffer(tar));
}
