import { type NativeBackend, nativeBackend, type OpAttribute } from "./backend";
import type { tf } from "./tensorflow";

/*
 * How a step becomes a graph, file by file:
 *
 *   graph/runner           the door: runs the step as a graph, or op by op with the reason why
 *   graph/capture          one session for all shapes of inputs; the state lives in its variables
 *   graph/input-graph      the nodes for one combination of input shapes
 *   graph/trace            calls the step once, on stand-ins, and checks the state that it returns
 *   graph/recording        stand-ins, which take no memory; sets the hooks and removes them
 *   hooks                  this file: the two places where a running step is watched
 *                          1. every op and every read of a value: the backend's methods are patched
 *                          2. updates of variables: `fusedUpdate` asks whether a graph takes them
 *   graph/recorded-nodes   turns what the hooks see into nodes
 *   graph/mixed-precision  casts what convolutions and products read, at bfloat16
 *   graph/node             nodes, encoded as TensorFlow reads them
 *   graph/variables        the nodes that hold the state
 *   graph/session          TensorFlow's side: loads the nodes, runs them, keeps closed ones a while
 *
 * Nothing is hooked except while a step is traced, once for each combination of input shapes.
 */

/** What sees the ops that run. */
export interface OpObserver {
  /** An op that is about to run. */
  readonly before: (op: string, attributes: readonly OpAttribute[], inputs: readonly tf.Tensor[]) => void;
  /** The op that has run. */
  readonly after: (inputs: readonly tf.Tensor[], outputs: readonly tf.Tensor[]) => void;
  /** The value behind `dataId` is about to be read. */
  readonly reading: (dataId: object) => void;
}

/** Shows every op to `observer` until the returned function is called. */
export function observeOps(observer: OpObserver): () => void {
  const backend: NativeBackend = nativeBackend();
  const { executeSingleOutput, executeMultipleOutputs, readSync, read } = backend;
  const observed = (
    op: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    run: () => tf.Tensor[],
  ): tf.Tensor[] => {
    observer.before(op, attributes, inputs);
    const outputs = run();
    observer.after(inputs, outputs);
    return outputs;
  };
  backend.executeSingleOutput = (op, attributes, inputs) => {
    const run = (): tf.Tensor[] => [executeSingleOutput.call(backend, op, attributes, inputs)];
    return observed(op, attributes, inputs, run)[0] as tf.Tensor;
  };
  backend.executeMultipleOutputs = (op, attributes, inputs, count) =>
    observed(op, attributes, inputs, () => executeMultipleOutputs.call(backend, op, attributes, inputs, count));
  backend.readSync = (dataId) => {
    observer.reading(dataId);
    return readSync.call(backend, dataId);
  };
  backend.read = async (dataId) => {
    observer.reading(dataId);
    return read.call(backend, dataId);
  };
  return () => Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync, read });
}

/** An update of variables by one op of TensorFlow, which a graph makes in place. */
export interface FusedUpdate {
  /** Takes the variables first, then the other inputs. */
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly variables: readonly tf.Tensor[];
  readonly others: readonly tf.Tensor[];
  /** The variables' new values by pure ops, for steps that run op by op, without variables. */
  readonly composed: () => readonly tf.Tensor[];
}

/**
 * Takes an update into a graph: stand-ins for the new values, or null if a variable is not the
 * graph's.
 */
type UpdateTaker = (update: FusedUpdate) => readonly tf.Tensor[] | null;

let taker: UpdateTaker | null = null;

/** The new values of an update's variables, in their order. */
export function fusedUpdate(update: FusedUpdate): readonly tf.Tensor[] {
  return taker?.(update) ?? update.composed();
}

/** Gives updates to `take` while `work` runs. */
export function takingUpdates<T>(take: UpdateTaker, work: () => T): T {
  taker = take;
  try {
    return work();
  } finally {
    taker = null;
  }
}
