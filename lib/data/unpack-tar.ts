import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { type ArchiveLimits, admission, refuseEntry } from "./archive-entries";
import { entryWriter } from "./entry-writer";
import { namingErrors } from "./naming-errors";

/** Where an archive is unpacked, and what it may hold. */
export interface Unpacking {
  readonly folder: string;
  /** The archive's one top folder, which is left out. */
  readonly topFolder: string | null;
  readonly limits: ArchiveLimits;
}

const headerBytes = 2048;

/** Unpacks an uncompressed tar stream. Throws, naming archive and entry, on all but files and folders within it and within the limits. */
export async function unpackTar(archive: string, content: AsyncIterable<Uint8Array>, into: Unpacking): Promise<void> {
  const { limits } = into;
  const admit = admission(archive, limits);
  const writer = entryWriter(archive, into.folder, into.topFolder);
  const entries = extract();
  // A refused entry ends both: the loop's error is the one to throw, the pipeline's only says that it was cut.
  const flow = pipeline(bounded(archive, content, limits.bytes + limits.entries * headerBytes), entries);
  flow.catch(() => {});
  for await (const entry of namingErrors(archive, "is no readable tar archive", entries)) {
    const { name, type, size = 0 } = entry.header;
    const path = admit(name, size);
    if (type === "directory") await writer.folder(path);
    else if (type === "file") await writer.file(path, entry as AsyncIterable<Uint8Array>);
    else refuseEntry(archive, name, `is a ${type}: files and folders are allowed`);
    entry.resume();
  }
  await flow;
}

/** The stream, ended with an error where it is longer than headers and admitted entries can be. */
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
