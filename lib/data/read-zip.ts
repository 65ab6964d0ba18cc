import { type UnzipFileInfo, unzipSync } from "fflate";
import { type ArchiveLimits, admission } from "./archive-entries";

/** One file of an archive; folders are left out. */
export interface ZipEntry {
  readonly path: string;
  readonly content: Uint8Array;
}

/** The files of a zip archive, unpacked in memory. Throws, naming archive and entry, on paths that leave it, duplicates and sizes beyond the limits. */
export function readZip(archive: string, bytes: Uint8Array, limits: ArchiveLimits): readonly ZipEntry[] {
  const sizes = new Map<string, number>();
  const admit = admission(archive, limits);
  const unpacked = unpack(archive, bytes, ({ name, originalSize }) => {
    admit(name, originalSize);
    sizes.set(name, originalSize);
    return !name.endsWith("/");
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
