import { type UnzipFileInfo, unzipSync } from "fflate";
import { type ArchiveLimits, admission } from "./archive-entries";

/** An entry of a zip archive as its central directory lists it. */
export interface ZipMember {
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
  readonly size: number;
  /** The compressed bytes, and whether they are deflated or stored. */
  readonly content: Buffer;
  readonly deflated: boolean;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const memberSignature = 0x02014b50;
const localSignature = 0x04034b50;
const longestComment = 0xffff;

/**
 * The entries of a zip archive in memory, by its central directory (APPNOTE 4.3.12), also of more than 65,535 entries. Throws an error that names
 * the archive where it is cut, foreign, encrypted, packed by anything but deflate, or holds an entry above 4 GiB.
 */
export function zipDirectory(archive: string, bytes: Buffer): readonly ZipMember[] {
  try {
    return members(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${archive} is not a readable zip archive: ${reason}`, { cause });
  }
}

function members(bytes: Buffer): readonly ZipMember[] {
  const { start, stop } = directoryOf(bytes);
  const found: ZipMember[] = [];
  let at = start;
  while (at < stop) {
    if (bytes.readUInt32LE(at) !== memberSignature) throw new Error(`no entry of the directory at byte ${at}`);
    found.push(memberAt(bytes, at));
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return found;
}

/** First byte of the central directory, and the byte after it. */
function directoryOf(bytes: Buffer): { readonly start: number; readonly stop: number } {
  const earliest = Math.max(0, bytes.length - 22 - longestComment);
  let end = bytes.length - 22;
  while (end >= earliest && bytes.readUInt32LE(end) !== endSignature) end--;
  if (end < earliest) throw new Error("its end is missing");
  const size = bytes.readUInt32LE(end + 12);
  const start = bytes.readUInt32LE(end + 16);
  if (end < 20 || bytes.readUInt32LE(end - 20) !== locator64Signature) return { start, stop: start + size };
  const end64 = Number(bytes.readBigUInt64LE(end - 12));
  if (bytes.readUInt32LE(end64) !== end64Signature) throw new Error("its 64-bit end is missing");
  const start64 = Number(bytes.readBigUInt64LE(end64 + 48));
  return { start: start64, stop: start64 + Number(bytes.readBigUInt64LE(end64 + 40)) };
}

function memberAt(bytes: Buffer, at: number): ZipMember {
  const path = bytes.toString("utf8", at + 46, at + 46 + bytes.readUInt16LE(at + 28));
  const method = bytes.readUInt16LE(at + 10);
  const [packed, size, local] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 42)];
  if ((bytes.readUInt16LE(at + 8) & 1) !== 0) throw new Error(`"${path}" is encrypted`);
  if (method !== 0 && method !== 8) throw new Error(`"${path}" is packed by method ${method}: 0 and 8 are allowed`);
  if ([packed, size, local].includes(0xffffffff)) throw new Error(`"${path}" is larger than 4 GiB`);
  if (bytes.readUInt32LE(local) !== localSignature) throw new Error(`"${path}" is not where the directory says`);
  const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  if (from + packed > bytes.length) throw new Error(`"${path}" is cut`);
  return {
    path,
    kind: kindOf(path, bytes.readUInt32LE(at + 38) >>> 16),
    size,
    content: bytes.subarray(from, from + packed),
    deflated: method === 8,
  };
}

/** The file type of a Unix mode; archives of other systems have none. */
function kindOf(path: string, mode: number): ZipMember["kind"] {
  const type = mode & 0o170000;
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) return "other";
  return path.endsWith("/") || type === 0o040000 ? "folder" : "file";
}

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
