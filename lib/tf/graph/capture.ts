import { tf } from "../tensorflow";
import type { Tensors } from "../tensors";
import { type GraphNode, typeAttribute } from "./node";
import type { Precision } from "./precision";
import { kindOf, type TensorKinds } from "./recording";
import { type GraphSession, openSession } from "./session";
import { type PureStep, type Trace, trace } from "./trace";
import { assignment, initialised, placeholder, stateNodes, variable } from "./variables";

/**
 * A step that runs as a TensorFlow graph. Its state lives in TensorFlow and moves on with every
 * call.
 */
export interface Captured {
  /**
   * One step; returns its output, which the caller disposes of. Throws NotCapturable and leaves the
   * state as it was.
   */
  readonly step: (inputs: Tensors) => tf.Tensor;
  /** The present state; the caller disposes of it. */
  readonly state: () => Tensors;
  readonly dispose: () => void;
}

/**
 * Runs `step` from now on as a graph, beginning with a copy of `state`. The step itself is called
 * once for every combination of input shapes, on stand-ins, to record its ops; all combinations
 * share the state. At bfloat16, convolutions and products compute in it (graph/mixed-precision).
 */
export function capture(step: PureStep, state: Tensors, precision: Precision = "float32"): Captured {
  const kinds = kindsOf(state);
  const graphs = new Map<string, InputGraph>();
  let home: Home = waiting(state);
  const graphFor = (inputs: Tensors): InputGraph => {
    const key = JSON.stringify(kindsOf(inputs));
    const known = graphs.get(key);
    if (known !== undefined) return known;
    const graph = inputGraph(step, { state: kinds, inputs: kindsOf(inputs) }, `g${graphs.size}`, precision);
    const moved = movedTo([...graphs.values(), graph], home, kinds);
    home.dispose();
    home = moved;
    graphs.set(key, graph);
    return graph;
  };
  return {
    step: (inputs) => {
      const { placeholders, output } = graphFor(inputs);
      const fed = Object.entries(inputs).map(([name, tensor]) => [placeholders[name] ?? "", tensor] as const);
      return home.run(new Map(fed), output);
    },
    state: () => home.state(),
    dispose: () => home.dispose(),
  };
}

/** Where the state lives: in tensors before the first step, then in the variables of a session. */
interface Home {
  readonly run: (fed: ReadonlyMap<string, tf.Tensor>, output: string) => tf.Tensor;
  readonly state: () => Tensors;
  readonly dispose: () => void;
}

function waiting(state: Tensors): Home {
  const copies = copied(state);
  // They outlive a tf.tidy around the call, as variables do.
  for (const tensor of Object.values(copies)) tf.keep(tensor);
  return {
    run: () => {
      throw new Error("no step has been captured");
    },
    state: () => copied(copies),
    dispose: () => tf.dispose({ ...copies }),
  };
}

function copied(tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));
}

/** A session that holds all graphs, with the state as it is at `home`. */
function movedTo(graphs: readonly InputGraph[], home: Home, kinds: TensorKinds): Home {
  const present = home.state();
  try {
    const session = started(kinds, graphs, present);
    return {
      run: (fed, output) => only(session.run(fed, [output])),
      state: () => stateOf(session, kinds),
      dispose: session.close,
    };
  } finally {
    tf.dispose({ ...present });
  }
}

/** What a step is given. */
type Kinds = Parameters<typeof trace>[1];

/** The step for inputs of one combination of shapes. */
interface InputGraph {
  readonly nodes: readonly GraphNode[];
  readonly placeholders: Readonly<Record<string, string>>;
  /** Gives the step's output once the new state is in place. */
  readonly output: string;
}

function inputGraph(step: PureStep, kinds: Kinds, prefix: string, precision: Precision): InputGraph {
  const { state, inputs } = kinds;
  const placeholders = named(inputs, (index) => `${prefix}_input${index}`);
  const reads = named(state, variable.read);
  const handles = named(state, variable.handle);
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

function started(state: TensorKinds, graphs: readonly InputGraph[], values: Tensors): GraphSession {
  const size = Object.values(values).reduce((sum, value) => sum + 4 * value.size, 0);
  const session = openSession([...stateNodes(state), ...graphs.flatMap(({ nodes }) => nodes)], size);
  const initial = named(state, variable.initial);
  const fed = Object.entries(values).map(([name, tensor]) => [initial[name] ?? "", tensor] as const);
  tf.dispose(session.run(new Map(fed), [initialised]));
  return session;
}

function stateOf(session: GraphSession, kinds: TensorKinds): Tensors {
  const names = Object.keys(kinds);
  if (names.length === 0) return {};
  const values = session.run(
    new Map(),
    names.map((_, index) => variable.read(index)),
  );
  return Object.fromEntries(names.map((name, index) => [name, values[index] as tf.Tensor]));
}

/** Kinds by name, in the order of the names, so that equal kinds read equal. */
function kindsOf(tensors: Tensors): TensorKinds {
  const names = Object.keys(tensors).sort();
  return Object.fromEntries(names.map((name) => [name, kindOf(tensors[name] as tf.Tensor)]));
}

function named(kinds: TensorKinds, nodeOf: (index: number) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(kinds).map((name, index) => [name, nodeOf(index)]));
}

function only([first]: tf.Tensor[]): tf.Tensor {
  if (first === undefined) throw new Error("the graph returned nothing");
  return first;
}
