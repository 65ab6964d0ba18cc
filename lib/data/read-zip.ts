import { type UnzipFileInfo, unzipSync } from "fflate";

/** What an archive may hold at most; anything beyond is refused before it is unpacked. */
export interface ZipLimits {
  readonly entries: number;
  readonly bytesPerEntry: number;
  readonly bytes: number;
}

/** One file of an archive; folders are left out. */
export interface ZipEntry {
  readonly path: string;
  readonly content: Uint8Array;
}

/** The files of a zip archive, unpacked in memory. Throws, naming archive and entry, on paths that leave the archive, duplicates and sizes beyond the limits. */
export function readZip(archive: string, bytes: Uint8Array, limits: ZipLimits): readonly ZipEntry[] {
  const listed = new Map<string, UnzipFileInfo>();
  const unpacked = unpack(archive, bytes, (entry) => {
    admit(archive, entry, listed, limits);
    return !entry.name.endsWith("/");
  });
  return Object.entries(unpacked).map(([path, content]) => {
    const size = listed.get(path)?.originalSize;
    if (content.length !== size) throw new Error(`${archive}: ${path} has ${content.length} bytes instead of ${size}`);
    return { path, content };
  });
}

function unpack(
  archive: string,
  bytes: Uint8Array,
  filter: (entry: UnzipFileInfo) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (cause instanceof RangeError && cause.message.startsWith(archive)) throw cause;
    throw new Error(`${archive} is not a readable zip archive: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

function admit(archive: string, entry: UnzipFileInfo, listed: Map<string, UnzipFileInfo>, limits: ZipLimits): void {
  const refuse = (reason: string): never => {
    throw new RangeError(`${archive}: entry "${entry.name}" ${reason}`);
  };
  if (leavesArchive(entry.name)) refuse("has a path that leaves the archive");
  if (listed.has(entry.name)) refuse("is there twice");
  if (entry.originalSize > limits.bytesPerEntry) {
    refuse(`unpacks to ${entry.originalSize} bytes, at most ${limits.bytesPerEntry} are allowed`);
  }
  listed.set(entry.name, entry);
  if (listed.size > limits.entries) refuse(`is one too many, at most ${limits.entries} are allowed`);
  const total = [...listed.values()].reduce((sum, { originalSize }) => sum + originalSize, 0);
  if (total > limits.bytes)
    refuse(`brings the unpacked archive to ${total} bytes, at most ${limits.bytes} are allowed`);
}

function leavesArchive(path: string): boolean {
  return path.includes("\\") || /^(\/|[A-Za-z]:)/.test(path) || path.split("/").includes("..");
}
