import { readFileSync } from "node:fs";
import type { z } from "zod";
import { hashOf, isPlainObject, type Json } from "../hash";
import { CorruptedFile, unlessMissing, writeAtomically } from "./store";

/** Writes plain data as JSON, atomically, with the SHA-256 of its canonical form beside it. */
export function writeRecord(path: string, record: { readonly [key: string]: Json | undefined }): void {
  writeAtomically(path, `${JSON.stringify({ ...record, sha256: hashOf(record) }, null, 2)}\n`);
}

/**
 * Reads a record back; null if there is no such file. Throws CorruptedFile if it is not what was
 * written, or does not fit `schema`. A record of an earlier version, without a checksum, is taken.
 */
export function readRecord<T>(path: string, schema: z.ZodType<T>): T | null {
  const text = unlessMissing(() => readFileSync(path, "utf8"));
  if (text === null) return null;
  const { sha256, ...record } = membersOf(text, path);
  if (sha256 !== undefined && sha256 !== digestOrNull(record)) {
    throw new CorruptedFile(path, "its checksum does not match its content");
  }
  const parsed = schema.safeParse(record);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CorruptedFile(path, `${issue?.path.join(".") || "the record"}: ${issue?.message}`);
}

function membersOf(text: string, path: string): Readonly<Record<string, unknown>> {
  const value = parsedOrNull(text);
  if (isPlainObject(value)) return value;
  throw new CorruptedFile(path, "it is not a JSON object");
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Null for what no record holds, such as lists that are nested too deeply. */
function digestOrNull(record: unknown): string | null {
  try {
    return hashOf(record);
  } catch {
    return null;
  }
}
