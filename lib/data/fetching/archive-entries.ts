import { mkdir, open } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { systemFault } from "../../core/input/open-file";
import { refuseEntry, type ZipEntry, zipEntries } from "../../core/input/zip";

/** What an archive may hold at most; anything beyond is refused before it is unpacked. */
export interface ArchiveLimits {
  readonly entries: number;
  readonly bytesPerEntry: number;
  readonly bytes: number;
}

/**
 * A function that is told each entry before it is unpacked and returns its path in plain form.
 * Throws InputError, naming archive and entry, on paths that leave the archive, duplicates and
 * sizes beyond the limits.
 */
export function admission(archive: string, limits: ArchiveLimits): (path: string, size: number) => string {
  const seen = new Set<string>();
  let total = 0;
  return (path, size) => {
    const refuse = (reason: string): never => refuseEntry(archive, path, reason);
    const plain = posix.normalize(path);
    total += size;
    if (leavesArchive(path)) refuse("has a path that leaves the archive");
    if (seen.has(plain.replace(/\/$/, ""))) refuse("is there twice");
    if (seen.size >= limits.entries) refuse(`is one too many: ${limits.entries} are allowed`);
    if (size > limits.bytesPerEntry) refuse(`has ${size} bytes: ${limits.bytesPerEntry} are allowed`);
    if (total > limits.bytes) refuse(`brings the archive to ${total} bytes: ${limits.bytes} are allowed`);
    seen.add(plain.replace(/\/$/, ""));
    return plain;
  };
}

function leavesArchive(path: string): boolean {
  if (path === "" || path.includes("\\") || path.includes("\0")) return true;
  return /^(\/|[A-Za-z]:)/.test(path) || path.split("/").includes("..");
}

/** A file or folder of a zip archive, and its path in plain form. */
interface AdmittedEntry {
  readonly entry: ZipEntry;
  readonly path: string;
}

/**
 * All entries of a zip archive, before one is unpacked. Throws, naming archive and entry, on
 * anything but files and folders within the archive and within the limits.
 */
export async function admittedZip(
  archive: string,
  bytes: Uint8Array,
  limits: ArchiveLimits,
): Promise<readonly AdmittedEntry[]> {
  const admit = admission(archive, limits);
  const admitted: AdmittedEntry[] = [];
  for await (const entry of zipEntries(archive, bytes)) {
    if (entry.kind === "other") {
      refuseEntry(archive, entry.path, "is a link or a device: files and folders are allowed");
    }
    admitted.push({ entry, path: admit(entry.path, entry.size) });
  }
  return admitted;
}

/** Writes entries of an archive below a folder; an existing file is never overwritten. */
interface EntryWriter {
  readonly folder: (path: string) => Promise<void>;
  readonly file: (path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => Promise<void>;
}

/** A writer below `root` of paths from `admission`; it leaves out `topFolder` at their start. */
export function entryWriter(archive: string, root: string, topFolder: string | null): EntryWriter {
  const made = new Set<string>();
  const make = async (folder: string, path: string): Promise<void> => {
    if (!made.has(folder)) await mkdir(folder, { recursive: true }).catch(refusing(archive, path));
    made.add(folder);
  };
  const place = (path: string): string => join(root, withoutTop(archive, path, topFolder));
  return {
    folder: async (path) => make(place(path), path),
    file: async (path, content) => {
      const target = place(path);
      await make(dirname(target), path);
      const file = await open(target, "wx").catch(refusing(archive, path));
      try {
        for await (const chunk of content) await file.writeFile(chunk).catch(refusing(archive, path));
      } finally {
        await file.close();
      }
    },
  };
}

/** Entries may stand in each other's way, or have names that no file may have. */
function refusing(archive: string, path: string): (cause: unknown) => never {
  return (cause) => refuseEntry(archive, path, `cannot be unpacked: ${systemFault(cause)}`, cause);
}

function withoutTop(archive: string, path: string, topFolder: string | null): string {
  if (topFolder === null) return path;
  if (path.replace(/\/$/, "") === topFolder || path === "./") return ".";
  if (path.startsWith(`${topFolder}/`)) return path.slice(topFolder.length + 1);
  return refuseEntry(archive, path, `lies outside the folder ${topFolder}`);
}
