import { tf } from "../tensorflow";
import type { Tensors } from "../tensors";
import { type InputGraph, inputGraph } from "./input-graph";
import type { Precision } from "./precision";
import { kindOf, NotCapturable, type TensorKinds } from "./recording";
import { type GraphSession, openSession } from "./session";
import type { PureStep } from "./trace";
import { initialised, nodesOf, stateNodes, variable } from "./variables";

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
  /**
   * Says what other inputs will come, so that the graphs for all are loaded together with the next
   * one: to load one more means to load all of them again.
   */
  readonly awaits: (inputs: readonly TensorKinds[]) => void;
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
  let awaited: readonly TensorKinds[] = [];
  const graphOf = (inputs: TensorKinds, index: number): InputGraph =>
    inputGraph(step, { state: kinds, inputs }, `g${index}`, precision);
  const graphFor = (inputs: Tensors): InputGraph => {
    const key = JSON.stringify(kindsOf(inputs));
    const known = graphs.get(key);
    if (known !== undefined) return known;
    const graph = graphOf(kindsOf(inputs), graphs.size);
    const all = new Map([...graphs, [key, graph]]);
    for (const later of awaited) {
      const traced = all.has(JSON.stringify(later)) ? null : unlessRefused(() => graphOf(later, all.size));
      if (traced !== null) all.set(JSON.stringify(later), traced);
    }
    awaited = [];
    const moved = movedTo([...all.values()], home, kinds);
    home.dispose();
    home = moved;
    for (const [name, each] of all) graphs.set(name, each);
    return graph;
  };
  return {
    step: (inputs) => {
      const { placeholders, output } = graphFor(inputs);
      const fed = Object.entries(inputs).map(([name, tensor]) => [placeholders[name] ?? "", tensor] as const);
      return home.run(new Map(fed), output);
    },
    awaits: (inputs) => {
      awaited = inputs.map(inOrder);
    },
    state: () => home.state(),
    dispose: () => home.dispose(),
  };
}

/** Null if the step is not captured for inputs that are to come: it is refused when they do. */
function unlessRefused(traced: () => InputGraph): InputGraph | null {
  try {
    return traced();
  } catch (error) {
    if (error instanceof NotCapturable) return null;
    throw error;
  }
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

function started(state: TensorKinds, graphs: readonly InputGraph[], values: Tensors): GraphSession {
  const size = Object.values(values).reduce((sum, value) => sum + 4 * value.size, 0);
  const session = openSession([...stateNodes(state), ...graphs.flatMap(({ nodes }) => nodes)], size);
  const initial = nodesOf(state, variable.initial);
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

function kindsOf(tensors: Tensors): TensorKinds {
  return inOrder(Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, kindOf(tensor)])));
}

/** Kinds by name, in the order of the names, so that equal kinds read equal. */
function inOrder(kinds: TensorKinds): TensorKinds {
  return Object.fromEntries(Object.entries(kinds).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function only([first]: tf.Tensor[]): tf.Tensor {
  if (first === undefined) throw new Error("the graph returned nothing");
  return first;
}
