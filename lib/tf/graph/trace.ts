import { takingUpdates } from "../hooks";
import type { tf } from "../tensorflow";
import type { Tensors } from "../tensors";
import { inMixedPrecision } from "./mixed-precision";
import type { DataType, GraphNode } from "./node";
import type { Precision } from "./precision";
import { newNodes, observerOf, type RecordedNodes, recordUpdate, sourceOf, type TraceNames } from "./recorded-nodes";
import { kindOf, NotCapturable, recorded, type StandIn, type TensorKinds } from "./recording";

/**
 * A pure function of a state and inputs. It reads no tensor's value, draws nothing at random, and
 * gives a state of the same names, shapes and types. Whatever else it uses is taken as constant,
 * numbers drawn by tfjs included.
 */
export type PureStep = (state: Tensors, inputs: Tensors) => { readonly state: Tensors; readonly output: tf.Tensor };

/** A function as nodes of a graph. */
export interface Trace {
  readonly nodes: readonly GraphNode[];
  /** The node of the function's output, and by name the nodes of the new state. */
  readonly output: string;
  readonly outputType: DataType;
  readonly state: Readonly<Record<string, string>>;
}

/**
 * The ops of `step` for a state and inputs of these kinds, at a precision: see `inMixedPrecision`.
 * Throws NotCapturable.
 */
export function trace(
  step: PureStep,
  { state, inputs }: { readonly state: TensorKinds; readonly inputs: TensorKinds },
  names: TraceNames,
  precision: Precision,
): Trace {
  const found = newNodes(names);
  let ends: Omit<Trace, "nodes"> | undefined;
  recorded(observerOf(found), (standIn) => {
    const given = [
      standIns(found, state, names.state, standIn),
      standIns(found, inputs, names.inputs, standIn),
    ] as const;
    const result = takingUpdates(
      (update) => recordUpdate(found, update, standIn),
      () => step(...given),
    );
    checkState(result.state, state);
    ends = endsOf(found, result);
  });
  if (ends === undefined) throw new Error("the recording ended before the step");
  const wanted = [ends.output, ...Object.values(ends.state)];
  const nodes = needed(found.nodes, wanted);
  return { nodes: precision === "float32" ? nodes : needed(inMixedPrecision(nodes, found, wanted), wanted), ...ends };
}

/** Tensors of these kinds, known to come from the nodes called `sources`. */
function standIns(
  found: RecordedNodes,
  kinds: TensorKinds,
  sources: Readonly<Record<string, string>>,
  standIn: StandIn,
): Tensors {
  const tensors = Object.entries(kinds).map(([name, { shape, type }]) => [name, standIn(shape, type)] as const);
  for (const [name, { dataId }] of tensors) found.sources.set(dataId, sources[name] ?? "");
  return Object.fromEntries(tensors);
}

function endsOf(found: RecordedNodes, { state, output }: ReturnType<PureStep>): Omit<Trace, "nodes"> {
  const states = Object.entries(state).map(([name, tensor]) => [name, sourceOf(found, tensor, "the state")] as const);
  const outputType = kindOf(output).type;
  return { output: sourceOf(found, output, "the output"), outputType, state: Object.fromEntries(states) };
}

function checkState(next: Tensors, state: TensorKinds): void {
  const names = Object.keys(next).sort().join(", ");
  const expected = Object.keys(state).sort().join(", ");
  if (names !== expected) throw new NotCapturable(`the state was ${expected} and becomes ${names}`);
  for (const [name, tensor] of Object.entries(next)) {
    const before = JSON.stringify(state[name]);
    const after = JSON.stringify(kindOf(tensor));
    if (before !== after) throw new NotCapturable(`${name} was ${before} and becomes ${after}`);
  }
}

/** The nodes on which `wanted` depend, in order. */
function needed(nodes: readonly GraphNode[], wanted: readonly string[]): readonly GraphNode[] {
  const names = new Set(wanted.map(nodeName));
  const kept: GraphNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!names.has(node.name)) continue;
    kept.push(node);
    for (const input of node.inputs) names.add(nodeName(input));
  }
  return kept.reverse();
}

function nodeName(reference: string): string {
  return reference.replace(/^\^/, "").split(":")[0] ?? reference;
}
