import { z } from "zod";
import type { Environment } from "../environment";
import type { Json } from "../hash";
import { readRecord, writeRecord } from "./record";

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

const schema: z.ZodType<MakingRecord> = z.strictObject({
  label: z.string(),
  date: z.iso.datetime(),
  seconds: z.number().min(0),
  environment: z.strictObject({
    node: z.string(),
    tensorflow: z.string(),
    platform: z.string(),
    device: z.string(),
    cores: z.int(),
    memoryGiB: z.number(),
    commit: z.string().nullable(),
  }),
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
  return readRecord(recordPath(artifact), schema);
}

export function writeMakingRecord(artifact: string, record: MakingRecord): void {
  writeRecord(recordPath(artifact), { ...record, environment: { ...record.environment } });
}
