import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashOf, type Json } from "./hash";
import type { Progress } from "./progress";
import { type Artifact, CorruptedFile, readArtifact, writeArtifact } from "./store";

/**
 * A kind of work: from a plain value and the artifacts it asks for to an artifact. `version` is raised when the same value
 * shall give another artifact; it enters the key of this step and of all that build on it.
 */
export interface Step<V extends Json = Json> {
  readonly kind: string;
  readonly version: number;
  readonly inputs: (value: V) => readonly Request[];
  readonly label: (value: V) => string;
  /** Relative amount of work (image passes through a ResNet-18), for the time left. */
  readonly cost: (value: V) => number;
  readonly run: (value: V, inputs: readonly Artifact[], context: StepContext) => Promise<Artifact>;
}

/** A step applied to a value: a node of the graph of work. */
export interface Request {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly cost: number;
  readonly inputs: readonly Request[];
  readonly run: (inputs: readonly Artifact[], context: StepContext) => Promise<Artifact>;
}

/** What a running step may use besides its inputs: a place for its unfinished state, progress, and a wish to stop. */
export interface StepContext {
  readonly checkpoint: Checkpoint;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The unfinished state of a step, replaced atomically. A damaged one is reported and reads as null. */
export interface Checkpoint {
  readonly load: () => Artifact | null;
  readonly save: (state: Artifact) => void;
}

export interface CacheOptions {
  readonly folder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called with what a user should know: a damaged file that is made again. */
  readonly warn: (message: string) => void;
}

/** Names the work of `step` on `value`: the key is a hash of kind, version, canonical value and the inputs' keys. */
export function request<V extends Json>(step: Step<V>, value: V): Request {
  const inputs = step.inputs(value);
  return {
    key: hashOf([step.kind, step.version, value, inputs.map((input) => input.key)]).slice(0, 32),
    kind: step.kind,
    label: step.label(value),
    cost: step.cost(value),
    inputs,
    run: (artifacts, context) => step.run(value, artifacts, context),
  };
}

/** All work behind `wanted`, each piece once, inputs before what needs them. */
export function graphOf(wanted: readonly Request[]): readonly Request[] {
  const found = new Map<string, Request>();
  const visit = (node: Request): void => {
    if (found.has(node.key)) return;
    node.inputs.forEach(visit);
    found.set(node.key, node);
  };
  wanted.forEach(visit);
  return [...found.values()];
}

/** Where the artifact of a request lies, or will. */
export function artifactPath(folder: string, { kind, key }: Request): string {
  return join(folder, `${kind}-${key}.safetensors`);
}

/**
 * The artifact of a request, from the cache or made and stored. Inputs are made first. A damaged file is reported and made
 * again. Processes that make the same artifact at once write the same bytes, each by an atomic rename.
 */
export async function cached(wanted: Request, options: CacheOptions): Promise<Artifact> {
  const path = artifactPath(options.folder, wanted);
  const stored = readOrNull(path, options.warn);
  if (stored !== null) return stored;
  const inputs: Artifact[] = [];
  for (const input of wanted.inputs) inputs.push(await cached(input, options));
  options.signal.throwIfAborted();
  const unfinished = path.replace(/safetensors$/, "partial");
  const made = await wanted.run(inputs, {
    checkpoint: {
      load: () => readOrNull(unfinished, options.warn),
      save: (state) => writeArtifact(unfinished, state),
    },
    progress: options.progress,
    signal: options.signal,
  });
  writeArtifact(path, made);
  rmSync(unfinished, { force: true });
  return made;
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
