import { createHash, type Hash, randomBytes } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { notFinite, unexpected } from "../check";
import { fromHalves, largestHalf, toHalves } from "../encoding/half";
import { canonicalJson, isPlainObject, type Json } from "../hash";
import { InputError } from "../input-error";
import type { NamedArray, NamedArrays } from "../named-arrays";
import { isMissing } from "../paths";
import { encodeHeader, type PlacedArray, readHeader } from "./safetensors";

/** What a step produces: arrays, and plain facts about them such as losses and counts. */
export interface Artifact {
  readonly arrays: NamedArrays;
  readonly facts: { readonly [key: string]: Json };
}

/** A file that is not what was written: truncated, altered or foreign. */
export class CorruptedFile extends InputError {
  constructor(file: string, reason: string) {
    super({ file, fault: `it is damaged: ${reason}` });
  }
}

// A folder that is deleted again and again is left alone.
const attempts = 100;

/**
 * Writes the parts of a file so that a reader sees either the old content or the new, never a
 * mixture: they go to a temporary file beside it, which is then renamed. Missing folders are made,
 * also if they are deleted meanwhile. The disk is not flushed; the checksum of an artifact shows if
 * a power failure has damaged it.
 */
export function writeAtomically(path: string, ...content: readonly (Uint8Array | string)[]): void {
  for (let attempt = 1; ; attempt++) {
    try {
      writtenThenRenamed(path, content);
      return;
    } catch (error) {
      if (attempt === attempts || !isMissing(error)) throw error;
    }
  }
}

function writtenThenRenamed(path: string, content: readonly (Uint8Array | string)[]): void {
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
    // What fails on an open file does not say on which.
    throw error instanceof Error && !("path" in error) ? Object.assign(error, { path }) : error;
  }
}

// Node reads and writes at most 2 GiB at once.
const piece = 2 ** 30;

/** Writes all of `bytes` to an open file, which may take them in several parts. */
export function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(piece, bytes.length - at));
}

// An artifact is stored as a safetensors file, which other tools can open. Its metadata hold the
// facts as JSON, and the SHA-256 of the whole file with 64 zeros in place of the digest.
const noDigest = "0".repeat(64);

/** The content of an artifact's file, in parts, and the SHA-256 that it contains. */
interface SealedArtifact {
  readonly parts: readonly Uint8Array[];
  readonly digest: string;
}

/** How the floats of an artifact are stored; those of half the size are rounded. */
type FloatType = "F32" | "F16";

/**
 * An artifact as its file holds it. Throws RangeError, naming the array, if a value is not finite,
 * or too large for the type.
 */
export function sealed({ arrays, facts }: Artifact, floats: FloatType = "F32"): SealedArtifact {
  const stored = Object.entries(arrays).map(([name, array]) => ({
    name,
    shape: array.shape,
    ...storedValues(name, array, floats),
  }));
  const parts = stored.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const declared = stored.map(({ name, dtype, shape, data }) => ({ name, dtype, shape, bytes: data.byteLength }));
  const head = encodeHeader(declared, { sha256: noDigest, facts: canonicalJson(facts) });
  const hash = createHash("sha256").update(head);
  for (const part of parts) updateHash(hash, part);
  const digest = hash.digest("hex");
  head.write(digest, head.indexOf(noDigest), "latin1");
  return { parts: [head, ...parts], digest };
}

function storedValues(
  name: string,
  { data }: NamedArray,
  floats: FloatType,
): { readonly dtype: string; readonly data: Float32Array | Int32Array | Uint16Array } {
  const wrong = notFinite(data);
  if (wrong !== null) throw unexpected(`array ${name}`, "finite values", wrong);
  if (data instanceof Int32Array) return { dtype: "I32", data };
  if (floats === "F32") return { dtype: "F32", data };
  const tooLarge = data.find((value) => Math.abs(value) > largestHalf);
  if (tooLarge !== undefined) throw unexpected(`array ${name}`, `values up to ${largestHalf} in 16 bits`, tooLarge);
  return { dtype: "F16", data: toHalves(data) };
}

/**
 * Writes an artifact as one checksummed safetensors file, atomically. Equal artifacts give equal
 * bytes. Arrays may be larger than 2 GiB. Throws RangeError if a value is not finite, or too large
 * for the type of floats.
 */
export function writeArtifact(path: string, artifact: Artifact, floats: FloatType = "F32"): void {
  writeAtomically(path, ...sealed(artifact, floats).parts);
}

/** Reads an artifact back. Throws CorruptedFile if a byte differs from what was written. */
export function readArtifact(path: string): Artifact {
  return readSealed(path).artifact;
}

/** The same, with the SHA-256 that the file contains. */
export function readSealed(path: string): { readonly artifact: Artifact; readonly digest: string } {
  const file = openSync(path, "r");
  try {
    return decoded(file, (reason) => new CorruptedFile(path, reason));
  } finally {
    closeSync(file);
  }
}

type Refuse = (reason: string) => CorruptedFile;

function decoded(file: number, refuse: Refuse): ReturnType<typeof readSealed> {
  const read = (first: number, count: number): Uint8Array<ArrayBuffer> => bytesAt(file, { first, count }, refuse);
  const { head, arrays, metadata } = readHeader({ bytes: fstatSync(file).size, read }, refuse);
  const { sha256: digest = "", facts = "{}" } = metadata;
  const at = /^[0-9a-f]{64}$/.test(digest) ? head.indexOf(digest) : -1;
  if (at < 0) throw refuse("its checksum is missing");
  head.write(noDigest, at, "latin1");
  const hash = createHash("sha256").update(head);
  const values = arrays.map((array) => [array.name, valuesOf(file, array, { hash, refuse })] as const);
  if (hash.digest("hex") !== digest) throw refuse("its checksum does not match its content");
  return { artifact: { arrays: Object.fromEntries(values), facts: factsIn(facts, refuse) }, digest };
}

function valuesOf(
  file: number,
  { name, dtype, shape, bytes, offset }: PlacedArray,
  { hash, refuse }: { readonly hash: Hash; readonly refuse: Refuse },
): NamedArray {
  if (dtype !== "F32" && dtype !== "F16" && dtype !== "I32") {
    throw refuse(`array ${name} is ${dtype} instead of F32, F16 or I32`);
  }
  const content = bytesAt(file, { first: offset, count: bytes }, refuse);
  updateHash(hash, content);
  if (dtype === "F16") return { shape, data: fromHalves(new Uint16Array(content.buffer)) };
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
function bytesAt(
  file: number,
  { first, count }: { readonly first: number; readonly count: number },
  refuse: Refuse,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; ) {
    const read = readSync(file, bytes, at, Math.min(piece, count - at), first + at);
    if (read === 0) throw refuse("it became shorter while it was read");
    at += read;
  }
  return bytes;
}
