import { hashOf, type Json } from "../hash";
import type { Progress } from "../progress";
import type { Artifact } from "./store";

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
  /** How many times as long as in a large network a multiply-add takes: 1 by default. */
  readonly slowness?: (value: V) => number;
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
  readonly slowness: number;
  /** Null if there is nothing worth reporting. */
  readonly needs: () => Needs | null;
  readonly inputs: readonly Request[];
  readonly run: (inputs: readonly Artifact[], context: StepContext) => Promise<Artifact>;
}

/** What a running step may use besides its inputs: unfinished state, progress, a stop signal. */
export interface StepContext {
  readonly checkpoint: SavedState;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Tells the user something that should stay on the screen; the step's label goes before it. */
  readonly warn: (message: string) => void;
  /** Adds a fact to the making record, never to the artifact: which data were read, for example. */
  readonly record: (name: string, fact: Json) => void;
}

/** The unfinished state of a step, replaced atomically. A damaged one is reported, then null. */
export interface SavedState {
  readonly load: () => Artifact | null;
  readonly save: (state: Artifact) => void;
}

// By step and value: a model is asked for by every row that it takes part in, and hashing is work.
const known = new WeakMap<object, WeakMap<object, Request>>();
const texts = new WeakMap<object, string>();

/**
 * The work of `step` on `value`, which must not change afterwards. Its key hashes kind, version,
 * canonical value and input keys.
 */
export function request<V>(step: Step<V>, value: V): Request {
  if (typeof value !== "object" || value === null) return newRequest(step, value);
  const ofStep = known.get(step) ?? new WeakMap<object, Request>();
  const found = ofStep.get(value) ?? newRequest(step, value);
  known.set(step, ofStep.set(value, found));
  return found;
}

function newRequest<V>(step: Step<V>, value: V): Request {
  const inputs = step.inputs(value);
  let cost: number | null = null;
  return {
    key: hashOf([step.kind, step.version, value, inputs.map((input) => input.key)], texts).slice(0, 32),
    kind: step.kind,
    label: step.label(value),
    // Counted when it is asked for: some networks are counted by TensorFlow, which takes time to
    // load.
    get cost() {
      cost ??= step.cost(value);
      return cost;
    },
    slowness: step.slowness?.(value) ?? 1,
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
