import { XzReadableStream } from "xz-decompress";
import { refuseEntry } from "../../core/input/zip";
import { InputError } from "../../core/input-error";
import { type ArchiveLimits, admission } from "./archive-entries";
import { tarEntries } from "./tar-entries";

/** A file of an archive: its path in plain form and its content. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Buffer;
}

// A header, the rest of a block after the content, and an extended header of the usual size.
const headerBytes = 2048;

/**
 * The files of a tar.xz archive in memory, in its order. Throws InputError, naming archive and
 * entry, on anything but files and folders within the archive and within the limits.
 */
export async function xzTarFiles(
  archive: string,
  bytes: Uint8Array,
  limits: ArchiveLimits,
): Promise<readonly ArchiveFile[]> {
  const admit = admission(archive, limits);
  const stream = boundedStream(archive, unxzed(archive, new Blob([bytes]).stream()), limits);
  const files: ArchiveFile[] = [];
  try {
    for await (const { path, kind, size, content } of tarEntries(archive, stream)) {
      const plain = admit(path, size);
      if (kind === "file") files.push({ path: plain, content: await joined(content) });
      else if (kind !== "folder") refuseEntry(archive, path, `is a ${kind}: files and folders are allowed`);
    }
  } finally {
    await stream.return();
  }
  return files;
}

/** The stream, ended with an error if it is longer than headers and admitted entries can be. */
export async function* boundedStream(
  archive: string,
  content: AsyncIterable<Uint8Array>,
  { bytes, entries }: ArchiveLimits,
): AsyncGenerator<Uint8Array, void> {
  const limit = bytes + entries * headerBytes;
  let total = 0;
  for await (const chunk of content) {
    total += chunk.length;
    if (total > limit) throw new InputError({ file: archive, fault: `unpacks to more than ${limit} bytes` });
    yield chunk;
  }
}

/** The decompressed bytes of an xz stream; one that is left early is closed. */
export async function* unxzed(
  archive: string,
  compressed: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* decompressed(archive, chunksOf(new XzReadableStream(compressed)));
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // A decoder that has reached its end is gone already, and throws.
    await reader.cancel().catch(() => {});
  }
}

/** The same items; an error of the system or of a decompressor is thrown as one of the archive. */
export async function* decompressed(
  archive: string,
  items: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* items;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({ file: archive, fault: `does not decompress: ${reason}`, cause });
  }
}

async function joined(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}
