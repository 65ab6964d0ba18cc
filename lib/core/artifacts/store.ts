import { createHash, type Hash, randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { canonicalJson, isPlainObject, type Json } from "../hash";
import type { NamedArray, NamedArrays } from "../named-arrays";
import { encodeHeader, type PlacedArray, readHeader } from "./safetensors";

/** What a step produces: arrays, and plain facts about them such as losses and counts. */
export interface Artifact {
  readonly arrays: NamedArrays;
  readonly facts: { readonly [key: string]: Json };
}

/**
 * A file that is not what was written: truncated, altered or foreign. Names the file and the fault.
 */
export class CorruptedFile extends Error {
  constructor(path: string, reason: string) {
    super(`${path} is damaged: ${reason}`);
    this.name = "CorruptedFile";
  }
}

/**
 * Writes the parts of a file so that a reader sees either the old content or the new, never a
 * mixture: they go to a temporary file beside it, which is then renamed. The disk is not flushed;
 * the checksum of an artifact shows if a power failure has damaged it.
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

// Node reads and writes at most 2 GiB at once.
const piece = 2 ** 30;

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(piece, bytes.length - at));
}

// An artifact is stored as a safetensors file, which other tools can open. Its metadata hold the
// facts as JSON, and the SHA-256 of the whole file with 64 zeros in place of the digest.
const noDigest = "0".repeat(64);

/**
 * Writes an artifact as one checksummed safetensors file, atomically. Equal artifacts give equal
 * bytes. Arrays may be larger than 2 GiB.
 */
export function writeArtifact(path: string, { arrays, facts }: Artifact): void {
  const entries = Object.entries(arrays);
  const parts = entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const declared = entries.map(([name, { shape, data }]) => {
    return { name, dtype: data instanceof Int32Array ? "I32" : "F32", shape, bytes: data.byteLength };
  });
  const head = encodeHeader(declared, { sha256: noDigest, facts: canonicalJson(facts) });
  const hash = createHash("sha256").update(head);
  for (const part of parts) updateHash(hash, part);
  head.write(hash.digest("hex"), head.indexOf(noDigest), "latin1");
  writeAtomically(path, head, ...parts);
}

/** Reads an artifact back. Throws CorruptedFile if a byte differs from what was written. */
export function readArtifact(path: string): Artifact {
  const file = openSync(path, "r");
  try {
    return decoded(file, (reason) => new CorruptedFile(path, reason));
  } finally {
    closeSync(file);
  }
}

type Refuse = (reason: string) => CorruptedFile;

function decoded(file: number, refuse: Refuse): Artifact {
  const read = (first: number, count: number): Uint8Array<ArrayBuffer> => bytesAt(file, first, count);
  const { head, arrays, metadata } = readHeader({ bytes: fstatSync(file).size, read }, refuse);
  const { sha256: digest = "", facts = "{}" } = metadata;
  const at = /^[0-9a-f]{64}$/.test(digest) ? head.indexOf(digest) : -1;
  if (at < 0) throw refuse("its checksum is missing");
  head.write(noDigest, at, "latin1");
  const hash = createHash("sha256").update(head);
  const values = arrays.map((array) => [array.name, valuesOf(file, array, { hash, refuse })] as const);
  if (hash.digest("hex") !== digest) throw refuse("its checksum does not match its content");
  return { arrays: Object.fromEntries(values), facts: factsIn(facts, refuse) };
}

function valuesOf(
  file: number,
  { name, dtype, shape, bytes, offset }: PlacedArray,
  { hash, refuse }: { readonly hash: Hash; readonly refuse: Refuse },
): NamedArray {
  if (dtype !== "F32" && dtype !== "I32") throw refuse(`array ${name} is ${dtype} instead of F32 or I32`);
  const content = bytesAt(file, offset, bytes);
  updateHash(hash, content);
  return { shape, data: dtype === "I32" ? new Int32Array(content.buffer) : new Float32Array(content.buffer) };
}

function factsIn(text: string, refuse: Refuse): Artifact["facts"] {
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch {
    throw refuse("its facts are not JSON");
  }
  if (!isPlainObject(facts)) throw refuse("its facts are not a JSON object");
  return facts as Artifact["facts"];
}

function updateHash(hash: Hash, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += piece) hash.update(bytes.subarray(at, at + piece));
}

/** In memory of their own. */
function bytesAt(file: number, first: number, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; ) {
    const read = readSync(file, bytes, at, Math.min(piece, count - at), first + at);
    if (read === 0) throw new Error("a file became shorter while it was read");
    at += read;
  }
  return bytes;
}
