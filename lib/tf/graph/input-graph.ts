import { type GraphNode, typeAttribute } from "./node";
import type { Precision } from "./precision";
import type { TensorKinds } from "./recording";
import { type PureStep, type Trace, trace } from "./trace";
import { assignment, nodesOf, placeholder, variable } from "./variables";

/** What a step is given. */
type Kinds = Parameters<typeof trace>[1];

/** The step for inputs of one combination of shapes. */
export interface InputGraph {
  readonly nodes: readonly GraphNode[];
  readonly placeholders: Readonly<Record<string, string>>;
  /** Gives the step's output once the new state is in place. */
  readonly output: string;
}

/** Traces the step for inputs of these kinds. Throws NotCapturable. */
export function inputGraph(step: PureStep, kinds: Kinds, prefix: string, precision: Precision): InputGraph {
  const { state, inputs } = kinds;
  const placeholders = nodesOf(inputs, (index) => `${prefix}_input${index}`);
  const reads = nodesOf(state, variable.read);
  const handles = nodesOf(state, variable.handle);
  const names = { prefix: `${prefix}_op`, state: reads, handles, inputs: placeholders };
  const traced = trace(step, kinds, names, precision);
  const { assignments, inPlace } = changesOf(traced, state, prefix);
  const output = `${prefix}_output`;
  const last: GraphNode = {
    name: output,
    op: "Identity",
    inputs: [traced.output, ...assignments.map(({ name }) => `^${name}`), ...inPlace.map((name) => `^${name}`)],
    attributes: { T: typeAttribute(traced.outputType) },
  };
  const given = Object.entries(inputs).map(([name, kind]) => placeholder(placeholders[name] ?? "", kind));
  return { nodes: [...given, ...traced.nodes, ...assignments, last], placeholders, output };
}

/**
 * How the state changes: assignments, each after the old value has been read, and the nodes that
 * read what an op changed in place.
 */
function changesOf(
  traced: Trace,
  state: TensorKinds,
  prefix: string,
): { readonly assignments: readonly GraphNode[]; readonly inPlace: readonly string[] } {
  const assignments: GraphNode[] = [];
  const inPlace: string[] = [];
  const readsAfter = traced.nodes.filter(({ op }) => op === "ReadVariableOp");
  for (const [index, [name, { type }]] of Object.entries(state).entries()) {
    const [handle, read, source] = [variable.handle(index), variable.read(index), traced.state[name] ?? ""];
    const reads = readsAfter.filter(({ inputs }) => inputs[0] === handle).map((node) => node.name);
    if (reads.includes(source)) inPlace.push(source);
    else if (source !== read) {
      const after = [read, ...reads].map((node) => `^${node}`);
      assignments.push(assignment(`${prefix}_assign${index}`, handle, source, type, after));
    }
  }
  return { assignments, inPlace };
}
