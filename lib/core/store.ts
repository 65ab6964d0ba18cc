import { createHash, type Hash, randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { canonicalJson, type Json } from "./hash";
import type { NamedArray, NamedArrays } from "./named-arrays";

/** What a step makes: arrays, and plain facts about them (losses, seconds, counts). */
export interface Artifact {
  readonly arrays: NamedArrays;
  readonly facts: { readonly [key: string]: Json };
}

/** A file that is not what was written: truncated, altered or foreign. `message` names the file and what is wrong. */
export class CorruptedFile extends Error {
  constructor(path: string, reason: string) {
    super(`${path} is damaged: ${reason}`);
    this.name = "CorruptedFile";
  }
}

/**
 * Writes a file, one part after the other, so that a reader sees the old content or the new, never a part: a temporary neighbour, then renamed. Against
 * a loss of power stands the checksum, not a flush of the disk.
 */
export function writeAtomically(path: string, ...content: readonly (Uint8Array | string)[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const file = openSync(temporary, "wx");
    try {
      for (const part of content) writeWhole(file, typeof part === "string" ? Buffer.from(part) : part);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

// Node moves at most 2 GiB at once.
const piece = 2 ** 30;

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(piece, bytes.length - at));
}

// An artifact file is a safetensors file, so that other tools open it. Its metadata hold the facts as JSON, and a SHA-256
// of the whole file as it stands with 64 zeros in the digest's place.
const noDigest = "0".repeat(64);

/** Writes an artifact as one checksummed safetensors file, atomically. Equal artifacts give equal bytes. Arrays may be larger than 2 GiB. */
export function writeArtifact(path: string, { arrays, facts }: Artifact): void {
  const parts = Object.values(arrays).map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const head = encodedHeader({ arrays, facts });
  const hash = createHash("sha256").update(head);
  for (const part of parts) updateHash(hash, part);
  head.write(hash.digest("hex"), head.indexOf(noDigest), "latin1");
  writeAtomically(path, head, ...parts);
}

/** Reads an artifact back; throws CorruptedFile when a byte differs from what was written. */
export function readArtifact(path: string): Artifact {
  const file = openSync(path, "r");
  try {
    return decoded(path, file);
  } finally {
    closeSync(file);
  }
}

function decoded(path: string, file: number): Artifact {
  const head = readHead(path, file);
  const header = headerOf(path, head);
  const digest = header.__metadata__?.sha256;
  const at = digest === undefined ? -1 : head.indexOf(digest);
  if (digest === undefined || at < 0) throw new CorruptedFile(path, "its checksum is missing");
  head.write(noDigest, at, "latin1");
  const hash = createHash("sha256").update(head);
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__") as [string, HeaderEntry][];
  checkLayout(path, entries, fstatSync(file).size - head.length);
  const arrays = entries.map(([name, entry]) => [name, readArray(file, head.length, entry, hash)] as const);
  if (hash.digest("hex") !== digest) throw new CorruptedFile(path, "its checksum does not fit its content");
  return { arrays: Object.fromEntries(arrays), facts: JSON.parse(header.__metadata__?.facts ?? "{}") };
}

function updateHash(hash: Hash, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += piece) hash.update(bytes.subarray(at, at + piece));
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Header = { readonly __metadata__?: { readonly facts?: string; readonly sha256?: string } } & {
  readonly [name: string]: unknown;
};

function encodedHeader({ arrays, facts }: Artifact): Buffer {
  const header: Record<string, Json> = { __metadata__: { sha256: noDigest, facts: canonicalJson(facts) } };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const dtype = data instanceof Int32Array ? "I32" : "F32";
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const unpadded = JSON.stringify(header);
  const text = Buffer.from(unpadded.padEnd(unpadded.length + ((8 - (Buffer.byteLength(unpadded) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text]);
}

/** The header with the eight bytes of its length before it. */
function readHead(path: string, file: number): Buffer {
  const { size } = fstatSync(file);
  const start = Buffer.alloc(8);
  const length = readSync(file, start, 0, 8, 0) < 8 ? Number.POSITIVE_INFINITY : Number(start.readBigUInt64LE());
  if (length > size - 8) throw new CorruptedFile(path, `it ends within its header (${size} bytes)`);
  const head = Buffer.alloc(8 + length);
  readWhole(file, head, 0);
  return head;
}

function headerOf(path: string, head: Buffer): Header {
  const header = jsonOrNull(head.toString("utf8", 8));
  if (typeof header !== "object" || header === null) throw new CorruptedFile(path, "its header is no JSON object");
  return header as Header;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The arrays fill the rest of the file one after the other, as they were written. */
function checkLayout(path: string, entries: readonly (readonly [string, HeaderEntry])[], size: number): void {
  let end = 0;
  for (const [name, entry] of entries) {
    if (!isEntry(entry)) throw new CorruptedFile(path, `its header does not say what array ${name} is`);
    const {
      shape,
      data_offsets: [from, to],
    } = entry;
    const values = shape.reduce((product, length) => product * length, 1);
    if (from !== end || to - from !== 4 * values)
      throw new CorruptedFile(path, `array ${name} is not where it belongs`);
    end = to;
  }
  if (end !== size) throw new CorruptedFile(path, `it holds ${size} bytes of arrays instead of ${end}`);
}

function isEntry(entry: unknown): entry is HeaderEntry {
  const { shape, data_offsets } = (entry ?? {}) as Partial<HeaderEntry>;
  const counts = (values: unknown): boolean => Array.isArray(values) && values.every((value) => value >= 0);
  return counts(shape) && counts(data_offsets) && data_offsets?.length === 2;
}

function readArray(
  file: number,
  start: number,
  { dtype, shape, data_offsets: [from, to] }: HeaderEntry,
  hash: Hash,
): NamedArray {
  const buffer = new ArrayBuffer(to - from);
  const bytes = new Uint8Array(buffer);
  readWhole(file, bytes, start + from);
  updateHash(hash, bytes);
  return { shape, data: dtype === "I32" ? new Int32Array(buffer) : new Float32Array(buffer) };
}

function readWhole(file: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, Math.min(piece, bytes.length - at), position + at);
    if (read === 0) throw new Error("a file became shorter while it was read");
    at += read;
  }
}
