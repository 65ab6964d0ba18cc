import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../environment";
import { hashOf, type Json } from "../hash";
import type { Progress } from "../progress";
import { type Artifact, CorruptedFile, readArtifact, writeArtifact, writeAtomically } from "./store";

/**
 * A kind of work: it makes an artifact from a plain value and the artifacts that the value asks
 * for. Raise `version` when the same value should give a different artifact. It is part of the key
 * of this step and of everything downstream.
 */
export interface Step<V> {
  readonly kind: string;
  readonly version: number;
  readonly inputs: (value: V) => readonly Request[];
  readonly label: (value: V) => string;
  /** The amount of work in multiply-adds, for estimates such as the time left. */
  readonly cost: (value: V) => number;
  readonly needs?: (value: V) => Needs;
  readonly run: (value: V, inputs: readonly Artifact[], context: StepContext) => Promise<Artifact>;
}

/**
 * Images or stored vectors that work goes through in all its passes, and its peak bytes of memory.
 */
export interface Needs {
  readonly items: number;
  readonly bytes: number;
}

/** A step applied to a value: a node in the graph of work. */
export interface Request {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly cost: number;
  /** Null if there is nothing worth reporting. */
  readonly needs: () => Needs | null;
  readonly inputs: readonly Request[];
  readonly run: (inputs: readonly Artifact[], context: StepContext) => Promise<Artifact>;
}

/** What a running step may use besides its inputs: unfinished state, progress, a stop signal. */
export interface StepContext {
  readonly checkpoint: Checkpoint;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Tells the user something that should stay on the screen; the step's label goes before it. */
  readonly warn: (message: string) => void;
  /** Adds a fact to the making record, never to the artifact: which data were read, for example. */
  readonly record: (name: string, fact: Json) => void;
}

/** The unfinished state of a step, replaced atomically. A damaged one is reported, then null. */
interface Checkpoint {
  readonly load: () => Artifact | null;
  readonly save: (state: Artifact) => void;
}

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

/**
 * When, where and in how many seconds an artifact was made. It is stored beside the artifact rather
 * than in it, so that equal work gives equal bytes.
 */
interface MakingRecord {
  readonly label: string;
  readonly date: string;
  readonly seconds: number;
  readonly environment: Environment;
  /** What the step read besides its inputs; absent if it recorded nothing. */
  readonly read?: Readonly<Record<string, Json>>;
}

/** The work of `step` on `value`. Its key hashes kind, version, canonical value and input keys. */
export function request<V>(step: Step<V>, value: V): Request {
  const inputs = step.inputs(value);
  return {
    key: hashOf([step.kind, step.version, value, inputs.map((input) => input.key)]).slice(0, 32),
    kind: step.kind,
    label: step.label(value),
    cost: step.cost(value),
    needs: () => step.needs?.(value) ?? null,
    inputs,
    run: (artifacts, context) => step.run(value, artifacts, context),
  };
}

/**
 * All requests behind `wanted`, each once and after its inputs. Requests that `leaveOut` selects
 * are omitted, together with those that only they need.
 */
export function graphOf(
  wanted: readonly Request[],
  leaveOut: (request: Request) => boolean = () => false,
): readonly Request[] {
  const found = new Map<string, Request>();
  const visit = (node: Request): void => {
    if (found.has(node.key) || leaveOut(node)) return;
    node.inputs.forEach(visit);
    found.set(node.key, node);
  };
  wanted.forEach(visit);
  return [...found.values()];
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

/**
 * The artifact of a request, from the cache, or else made after its inputs and stored. A damaged
 * file is reported and made again. Processes that make the same artifact at the same time write the
 * same bytes, each by an atomic rename.
 */
export async function obtain(wanted: Request, options: CacheOptions): Promise<Artifact> {
  const stored = readOrNull(artifactPath(options.folder, wanted), options.warn);
  if (stored !== null) return stored;
  const inputs: Artifact[] = [];
  for (const input of wanted.inputs) inputs.push(await obtain(input, options));
  options.signal.throwIfAborted();
  options.started(wanted);
  const artifact = await made(wanted, inputs, options);
  options.finished(wanted);
  return artifact;
}

async function made(wanted: Request, inputs: readonly Artifact[], options: CacheOptions): Promise<Artifact> {
  const path = artifactPath(options.folder, wanted);
  const unfinished = unfinishedPath(options.folder, wanted);
  const read: Record<string, Json> = {};
  const start = performance.now();
  const artifact = await wanted.run(inputs, {
    checkpoint: {
      load: () => readOrNull(unfinished, options.warn),
      save: (state) => writeArtifact(unfinished, state),
    },
    progress: options.progress,
    signal: options.signal,
    warn: (message) => options.warn(`${wanted.label}: ${message}`),
    record: (name, fact) => {
      read[name] = fact;
    },
  });
  const record: MakingRecord = {
    label: wanted.label,
    date: new Date().toISOString(),
    seconds: (performance.now() - start) / 1000,
    environment: options.environment,
    ...(Object.keys(read).length === 0 ? {} : { read }),
  };
  writeAtomically(recordPath(path), `${JSON.stringify(record, null, 2)}\n`);
  writeArtifact(path, artifact);
  rmSync(unfinished, { force: true });
  return artifact;
}

/** The record of how a cached artifact was made; null if there is none. */
export function makingRecord(folder: string, wanted: Request): MakingRecord | null {
  const path = recordPath(artifactPath(folder, wanted));
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}

function recordPath(path: string): string {
  return path.replace(/safetensors$/, "json");
}

function readOrNull(path: string, warn: (message: string) => void): Artifact | null {
  if (!existsSync(path)) return null;
  try {
    return readArtifact(path);
  } catch (error) {
    if (!(error instanceof CorruptedFile)) throw error;
    warn(`${error.message}; it is made again`);
    return null;
  }
}
