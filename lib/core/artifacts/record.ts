import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Environment, environmentSchema } from "../environment";
import { hashOf, isPlainObject, type Json } from "../hash";
import { unlessMissing } from "../paths";
import { CorruptedFile, writeAtomically } from "./store";

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

/**
 * When, where and in how many seconds an artifact was made. It is stored beside the artifact rather
 * than in it, so that equal work gives equal bytes.
 */
export interface MakingRecord {
  readonly label: string;
  readonly date: string;
  readonly seconds: number;
  readonly environment: Environment;
  /** The artifact's SHA-256; absent in records of earlier versions, as are the inputs. */
  readonly artifact?: string;
  /** The keys of the inputs. */
  readonly inputs?: readonly string[];
  /** What the step read besides its inputs; absent if it recorded nothing. */
  readonly read?: Readonly<Record<string, Json>>;
}

/** The form of such a record. */
export const makingSchema: z.ZodType<MakingRecord> = z.strictObject({
  label: z.string(),
  date: z.iso.datetime({ precision: 3 }),
  seconds: z.number().min(0),
  environment: environmentSchema,
  artifact: z.string().exactOptional(),
  inputs: z.array(z.string()).exactOptional(),
  read: z.record(z.string(), z.json()).exactOptional(),
});

/** The path of the record beside an artifact. */
export function recordPath(artifact: string): string {
  return artifact.replace(/safetensors$/, "json");
}

/** The record beside an artifact; null if there is none. Throws CorruptedFile if it is damaged. */
export function readMakingRecord(artifact: string): MakingRecord | null {
  return readRecord(recordPath(artifact), makingSchema);
}

export function writeMakingRecord(artifact: string, record: MakingRecord): void {
  writeRecord(recordPath(artifact), { ...record, environment: { ...record.environment } });
}
