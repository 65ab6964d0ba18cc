import { isAscii, isUtf8 } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from "yauzl";
import { InputError } from "../input-error";
import { crc32 } from "./crc32";

/** An entry of a zip archive as the central directory lists it: nothing in it is to be trusted. */
export interface ZipEntry {
  readonly path: string;
  /** By its Unix mode, else by a slash at the end of its path; "other" is a link or a device. */
  readonly kind: "file" | "folder" | "other";
  /** Bytes of its content. */
  readonly size: number;
  /** Whether it is compressed, or stored as it is. */
  readonly compressed: boolean;
  /**
   * The content; of a stored entry it is a view of the archive. Throws InputError, naming archive
   * and entry, if its size or CRC-32 is not that of the directory, or if it is encrypted or packed
   * by anything but deflate.
   */
  readonly content: () => Promise<Buffer>;
}

/**
 * The entries of a zip archive in memory, one after the other, so that a caller can refuse one
 * before the next is read. Throws InputError if the archive is cut or foreign.
 */
export async function* zipEntries(archive: string, bytes: Uint8Array): AsyncGenerator<ZipEntry, void, undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    for await (const member of directory(buffer)) yield listed(archive, buffer, member);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError({ file: archive, fault: `is not a readable zip archive: ${reasonOf(cause)}`, cause });
  }
}

interface Member {
  readonly zip: ZipFile;
  readonly entry: Entry;
}

const memberSignature = 0x02014b50;
const endSignature = Buffer.from("PK\u0005\u0006", "latin1");
const endBytes = 22;
const largeEndSignature = 0x06064b50;
const locatorSignature = 0x07064b50;
const locatorBytes = 20;
const utf8Names = 0x800;
const newestVersion = 63;
/** Flags of what nothing here writes or reads: patches, strong encryption, a masked directory. */
const foreignFlags = 0x2060;

/**
 * Where the directory ends. Throws if that is not where the end record begins, as its size and
 * offset say; a 64-bit record may stand between them.
 */
function directoryEnd(buffer: Buffer): number {
  const at = buffer.lastIndexOf(endSignature, buffer.length - endBytes);
  if (at < 0) return buffer.length;
  const [size, offset] = [buffer.readUInt32LE(at + 12), buffer.readUInt32LE(at + 16)];
  const end = size + offset;
  if (end === at) return at;
  // All ones: the 64-bit record, which follows the directory, tells; a locator says where it is.
  const locator = at - locatorBytes;
  const isLarge = size === 0xffffffff || offset === 0xffffffff;
  if (isLarge && locator >= 0 && buffer.readUInt32LE(locator) === locatorSignature)
    return Number(buffer.readBigUInt64LE(locator + 8));
  if (end + 4 <= at && buffer.readUInt32LE(end) === largeEndSignature) return end;
  throw new Error(`its directory is said to end at byte ${end}, and its end record begins at ${at}`);
}

async function* directory(buffer: Buffer): AsyncGenerator<Member, void, undefined> {
  // Names are decoded here, since yauzl would turn a backslash into a slash, and sizes are checked
  // here, since its errors do not name the entry.
  const end = directoryEnd(buffer);
  const zip = await fromBufferPromise(buffer, { decodeStrings: false, validateEntrySizes: false });
  // Some programs write the number of entries modulo 65,536: what goes on like an entry is one.
  const goesOn = (): boolean => {
    const at = Number(zip.readEntryCursor);
    return at + 4 <= buffer.length && buffer.readUInt32LE(at) === memberSignature;
  };
  if (zip.entryCount === 0 && goesOn()) zip.entryCount = 1;
  for await (const entry of zip.eachEntry()) {
    if (zip.entriesRead === zip.entryCount && goesOn()) zip.entryCount++;
    const at = Number(zip.readEntryCursor);
    const isLast = zip.entriesRead === zip.entryCount;
    if (at > end || (isLast && at < end)) throw new Error(`its directory ends at byte ${end}, an entry at byte ${at}`);
    yield { zip, entry };
  }
}

function listed(archive: string, buffer: Buffer, { zip, entry }: Member): ZipEntry {
  const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
  const path = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
  const refuse = (reason: string): never => refuseEntry(archive, path, reason);
  const version = entry.versionNeededToExtract & 0xff;
  if (version > newestVersion) refuse(`needs version ${version / 10} of zip: up to ${newestVersion / 10} is read`);
  if ((generalPurposeBitFlag & foreignFlags) !== 0) refuse("is patched data, or strongly encrypted");
  if ((generalPurposeBitFlag & utf8Names) !== 0 && !isUtf8(fileNameRaw)) refuse("has a name that is not UTF-8");
  return {
    path,
    kind: kindOf(path, entry.externalFileAttributes >>> 16),
    size: entry.uncompressedSize,
    compressed: entry.compressionMethod !== 0,
    content: async () => {
      if (entry.isEncrypted()) refuse("is encrypted");
      if (!entry.canDecodeFileData()) refuse(`is packed by method ${entry.compressionMethod}: 0 and 8 are allowed`);
      const { fileDataStart, fileName, ...local } = await zip
        .readLocalFileHeaderPromise(entry)
        .catch((cause: unknown) => refuse(`is not where the directory says: ${reasonOf(cause)}`));
      const alike = ((local.generalPurposeBitFlag ^ generalPurposeBitFlag) & utf8Names) === 0 || isAscii(fileName);
      if (!(fileName.equals(fileNameRaw) && alike))
        refuse(`has another name in its own header: ${fileName.toString()}`);
      return unpacked(entry, buffer.subarray(fileDataStart, fileDataStart + entry.compressedSize), refuse);
    },
  };
}

/** The file type of a Unix mode; archives of other systems have none. */
function kindOf(path: string, mode: number): ZipEntry["kind"] {
  const type = mode & 0o170000;
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) return "other";
  return path.endsWith("/") || type === 0o040000 ? "folder" : "file";
}

function unpacked(
  { compressionMethod, uncompressedSize: size, crc32: expected }: Entry,
  packed: Buffer,
  refuse: (reason: string) => never,
): Buffer {
  const content = compressionMethod === 8 ? inflated(packed, size, refuse) : packed;
  if (content.length !== size) refuse(`has ${content.length} bytes instead of ${size}`);
  const found = crc32(content);
  if (found !== expected) refuse(`is damaged: its CRC-32 is ${hex(found)} instead of ${hex(expected)}`);
  return content;
}

function inflated(packed: Buffer, size: number, refuse: (reason: string) => never): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    return refuse(`does not unpack to its ${size} bytes: ${reasonOf(cause)}`);
  }
}

/** Throws the InputError of an entry that is not unpacked, naming it and its archive. */
export function refuseEntry(archive: string, path: string, fault: string, cause?: unknown): never {
  throw new InputError({ file: archive, place: `entry "${path}"`, fault, cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}
