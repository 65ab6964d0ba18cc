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

/** The files of a zip archive, unpacked in memory. Throws, naming archive and entry, on paths that leave it, duplicates and sizes beyond the limits. */
export function readZip(archive: string, bytes: Uint8Array, limits: ZipLimits): readonly ZipEntry[] {
  const sizes = new Map<string, number>();
  const admit = admission(archive, sizes, limits);
  const unpacked = unpack(archive, bytes, (entry) => {
    admit(entry);
    return !entry.name.endsWith("/");
  });
  return Object.entries(unpacked).map(([path, content]) => {
    const size = sizes.get(path);
    if (content.length !== size)
      throw new Error(`${archive}: "${path}" has ${content.length} bytes instead of ${size}`);
    return { path, content };
  });
}

function unpack(
  archive: string,
  bytes: Uint8Array,
  filter: (entry: UnzipFileInfo) => boolean,
): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(bytes, { filter });
  } catch (cause) {
    if (cause instanceof RangeError && cause.message.startsWith(archive)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${archive} is not a readable zip archive: ${reason}`, { cause });
  }
}

/** Checks one entry after the other, before it is unpacked, and notes its size. */
function admission(archive: string, sizes: Map<string, number>, limits: ZipLimits): (entry: UnzipFileInfo) => void {
  let total = 0;
  return ({ name, originalSize }) => {
    const refuse = (reason: string): never => {
      throw new RangeError(`${archive}: entry "${name}" ${reason}`);
    };
    total += originalSize;
    if (leavesArchive(name)) refuse("has a path that leaves the archive");
    if (sizes.has(name)) refuse("is there twice");
    if (sizes.size >= limits.entries) refuse(`is one too many: ${limits.entries} are allowed`);
    if (originalSize > limits.bytesPerEntry) refuse(`has ${originalSize} bytes: ${limits.bytesPerEntry} are allowed`);
    if (total > limits.bytes) refuse(`brings the archive to ${total} bytes: ${limits.bytes} are allowed`);
    sizes.set(name, originalSize);
  };
}

function leavesArchive(path: string): boolean {
  return path.includes("\\") || /^(\/|[A-Za-z]:)/.test(path) || path.split("/").includes("..");
}
