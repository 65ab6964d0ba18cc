import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../environment";
import type { Json } from "../hash";
import { unlessMissing } from "../paths";
import type { Progress } from "../progress";
import { inTurn } from "./in-turn";
import { type MakingRecord, readMakingRecord, recordPath, writeMakingRecord } from "./record";
import { graphOf, type Request } from "./step";
import { type Artifact, CorruptedFile, readSealed, sealed, writeArtifact, writeAtomically } from "./store";

export interface CacheOptions {
  readonly folder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called with what the user should know: that a damaged file is made again. */
  readonly warn: (message: string) => void;
  /** Called before and after a step runs, but not if the cache holds its artifact. */
  readonly started: (request: Request) => void;
  readonly finished: (request: Request) => void;
  readonly environment: Environment;
}

/** The requests behind `wanted` whose artifacts the cache in `folder` lacks. */
export function pendingOf(wanted: readonly Request[], folder: string): readonly Request[] {
  return graphOf(wanted, (request) => existsSync(artifactPath(folder, request)));
}

/** The path of a request's artifact, whether it exists or not. */
export function artifactPath(folder: string, { kind, key }: Request): string {
  return join(folder, `${kind}-${key}.safetensors`);
}

/** The path of a request's unfinished state while it runs. */
export function unfinishedPath(folder: string, { kind, key }: Request): string {
  return join(folder, `${kind}-${key}.partial`);
}

/** The path of the lock that the process holds which makes a request's artifact. */
function lockPath(folder: string, { kind, key }: Request): string {
  return join(folder, `${kind}-${key}.lock`);
}

/**
 * The artifact of a request, from the cache, or else made after its inputs and stored. An artifact
 * that is damaged, or whose record is damaged, missing or of another artifact, is reported and made
 * again. Any file may vanish at any time. Of processes that ask for the same artifact, on this or
 * on other machines, one makes it while the others wait; if two should make it after all (see
 * `inTurn`), they write the same bytes, each by an atomic rename.
 */
export async function obtain(wanted: Request, options: CacheOptions): Promise<Artifact> {
  return (stored(wanted, options) ?? (await made(wanted, options))).artifact;
}

/**
 * The record of how a request's artifact was made. If it is damaged or missing, the work is done
 * again; a warning says so if there is an artifact.
 */
export async function obtainRecord(wanted: Request, options: CacheOptions): Promise<MakingRecord> {
  return (await recordIfAny(wanted, options)) ?? (await made(wanted, options)).record;
}

/** The same, but null if there is neither artifact nor record: their removal does no harm. */
export async function recordIfAny(wanted: Request, options: CacheOptions): Promise<MakingRecord | null> {
  const path = artifactPath(options.folder, wanted);
  const found = soundRecord(path, options);
  if (found !== null) return found;
  return existsSync(path) || existsSync(recordPath(path)) ? (await made(wanted, options)).record : null;
}

/** The record beside an artifact's file; null if there is none, or it is damaged. */
export function recordBeside(artifact: string): MakingRecord | null {
  return intactOrNull(() => readMakingRecord(artifact), { warn: () => {} });
}

interface Made {
  readonly artifact: Artifact;
  readonly record: MakingRecord;
}

async function made(wanted: Request, options: CacheOptions): Promise<Made> {
  const inputs: Artifact[] = [];
  for (const input of wanted.inputs) inputs.push(await obtain(input, options));
  options.signal.throwIfAborted();
  const { signal } = options;
  const waiting = (holder: string): void => options.warn(`${wanted.label}: waits for ${holder}, which makes it`);
  return inTurn(lockPath(options.folder, wanted), { signal, waiting }, async () => {
    // Another process may have made it meanwhile. What was damaged before has been reported.
    const found = stored(wanted, { ...options, warn: () => {} });
    if (found !== null) return found;
    options.started(wanted);
    const finished = await madeOf(wanted, inputs, options);
    options.finished(wanted);
    return finished;
  });
}

async function madeOf(wanted: Request, inputs: readonly Artifact[], options: CacheOptions): Promise<Made> {
  const path = artifactPath(options.folder, wanted);
  const unfinished = unfinishedPath(options.folder, wanted);
  const read: Record<string, Json> = {};
  const start = performance.now();
  const artifact = await wanted.run(inputs, {
    checkpoint: {
      load: () => intactOrNull(() => readSealed(unfinished).artifact, options),
      save: (state) => writeArtifact(unfinished, state),
    },
    progress: options.progress,
    signal: options.signal,
    warn: (message) => options.warn(`${wanted.label}: ${message}`),
    record: (name, fact) => {
      read[name] = fact;
    },
  });
  const { parts, digest } = sealed(artifact);
  const record: MakingRecord = {
    label: wanted.label,
    date: new Date().toISOString(),
    seconds: (performance.now() - start) / 1000,
    environment: options.environment,
    artifact: digest,
    inputs: wanted.inputs.map(({ key }) => key),
    ...(Object.keys(read).length === 0 ? {} : { read }),
  };
  // In this order, an artifact without a record is one whose record was removed.
  writeMakingRecord(path, record);
  writeAtomically(path, ...parts);
  rmSync(unfinished, { force: true });
  return { artifact, record };
}

/** Null if the artifact or its record cannot be used; a warning says so if there is an artifact. */
function stored(wanted: Request, options: Pick<CacheOptions, "folder" | "warn">): Made | null {
  const path = artifactPath(options.folder, wanted);
  const sound = intactOrNull(() => readSealed(path), options);
  if (sound === null) return null;
  const record = soundRecord(path, options);
  if (record === null) return null;
  if (record.artifact === undefined || record.artifact === sound.digest) return { artifact: sound.artifact, record };
  options.warn(`${recordPath(path)}: it is the record of another artifact; the artifact is made again`);
  return null;
}

/** Null if the record is damaged or missing; a warning says so if there is an artifact. */
function soundRecord(artifact: string, options: Pick<CacheOptions, "warn">): MakingRecord | null {
  const record = intactOrNull(() => readMakingRecord(artifact), options);
  if (record === null && existsSync(artifact) && !existsSync(recordPath(artifact))) {
    options.warn(`${recordPath(artifact)}: it is missing; the artifact is made again`);
  }
  return record;
}

/** Null if the file is missing, or damaged, which is reported. */
function intactOrNull<T>(read: () => T | null, { warn }: Pick<CacheOptions, "warn">): T | null {
  try {
    return unlessMissing(read);
  } catch (error) {
    if (!(error instanceof CorruptedFile)) throw error;
    warn(`${error.message}; it is made again`);
    return null;
  }
}
