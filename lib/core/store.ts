import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { canonicalJson, type Json, sha256 } from "./hash";
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
 * Writes a file so that a reader sees the old content or the new, never a part: a temporary neighbour, then renamed. Against
 * a loss of power stands the checksum, not a flush of the disk.
 */
export function writeAtomically(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, content, { flag: "wx" });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

// An artifact file is a safetensors file, so that other tools open it. Its metadata hold the facts as JSON, and a SHA-256
// of the whole file as it stands with 64 zeros in the digest's place.
const noDigest = "0".repeat(64);

/** Writes an artifact as one checksummed safetensors file, atomically. Equal artifacts give equal bytes. */
export function writeArtifact(path: string, artifact: Artifact): void {
  const file = encode(artifact);
  const at = file.indexOf(noDigest);
  file.write(sha256(file), at, "latin1");
  writeAtomically(path, file);
}

/** Reads an artifact back; throws CorruptedFile when a byte differs from what was written. */
export function readArtifact(path: string): Artifact {
  const file = readFileSync(path);
  const header = headerOf(path, file);
  const digest = header.__metadata__?.sha256;
  const at = digest === undefined ? -1 : file.indexOf(digest);
  if (digest === undefined || at < 0) throw new CorruptedFile(path, "its checksum is missing");
  file.write(noDigest, at, "latin1");
  if (sha256(file) !== digest) throw new CorruptedFile(path, "its checksum does not fit its content");
  const start = 8 + Number(file.readBigUInt64LE(0));
  const arrays = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => [name, decodeArray(path, file, start, entry as HeaderEntry)] as const);
  return { arrays: Object.fromEntries(arrays), facts: JSON.parse(header.__metadata__?.facts ?? "{}") };
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Header = { readonly __metadata__?: { readonly facts?: string; readonly sha256?: string } } & {
  readonly [name: string]: unknown;
};

function encode({ arrays, facts }: Artifact): Buffer {
  const header: Record<string, Json> = { __metadata__: { sha256: noDigest, facts: canonicalJson(facts) } };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const dtype = data instanceof Int32Array ? "I32" : "F32";
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const unpadded = JSON.stringify(header);
  const text = Buffer.from(unpadded.padEnd(unpadded.length + ((8 - (Buffer.byteLength(unpadded) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...parts]);
}

function headerOf(path: string, file: Buffer): Header {
  const length = file.length < 8 ? Number.POSITIVE_INFINITY : Number(file.readBigUInt64LE(0));
  if (length > file.length - 8) throw new CorruptedFile(path, `it ends within its header (${file.length} bytes)`);
  const header = jsonOrNull(file.toString("utf8", 8, 8 + length));
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

function decodeArray(path: string, file: Buffer, start: number, entry: HeaderEntry): NamedArray {
  const [from, to] = entry.data_offsets;
  if (start + to > file.length) throw new CorruptedFile(path, `it ends before byte ${start + to}`);
  const bytes = new Uint8Array(file.subarray(start + from, start + to)).buffer;
  return { shape: entry.shape, data: entry.dtype === "I32" ? new Int32Array(bytes) : new Float32Array(bytes) };
}
