import { type NativeBackend, nativeBackend, type OpAttribute } from "../backend";
import { tf } from "../tensorflow";

/** What sees the ops that run during a recording. */
export interface Recorder {
  /** An op that is about to run. */
  readonly before: (op: string, attributes: readonly OpAttribute[], inputs: readonly tf.Tensor[]) => void;
  /** The outputs of that op. */
  readonly after: (outputs: readonly tf.Tensor[]) => void;
  /** The value behind `dataId` is about to be read. */
  readonly reading: (dataId: object) => void;
}

/** A tensor of zeros that stands for one whose values do not matter. */
export type StandIn = (shape: readonly number[], type: tf.DataType) => tf.Tensor;

/**
 * Runs `work` and shows its ops to the recorder. Large floating-point results and stand-ins take no memory between ops: they
 * are zeros whenever they are used. Whatever `work` makes is freed; what the recorder throws comes through.
 */
export function recorded(recorder: Recorder, work: (standIn: StandIn) => void): void {
  const backend = nativeBackend();
  const hollow = hollowTensors(backend);
  const made: tf.Tensor[] = [];
  const restore = intercept(backend, recorder, (inputs, outputs) => {
    made.push(...outputs);
    hollow.empty(inputs, outputs);
  });
  try {
    tf.tidy(() => work(hollow.standIn));
  } catch (error) {
    for (const { saved } of tf.engine().state.activeTape ?? []) tf.dispose(saved ?? []);
    throw error;
  } finally {
    restore();
    // What `work` kept from being tidied up and, if it failed, did not free.
    tf.dispose(made);
  }
}

/** Puts the recorder and `finished` around every op until the returned function is called. */
function intercept(
  backend: NativeBackend,
  recorder: Recorder,
  finished: (inputs: readonly tf.Tensor[], outputs: readonly tf.Tensor[]) => void,
): () => void {
  const { executeSingleOutput, executeMultipleOutputs, readSync, read } = backend;
  const observed = (
    op: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    run: () => tf.Tensor[],
  ): tf.Tensor[] => {
    recorder.before(op, attributes, inputs);
    const outputs = run();
    recorder.after(outputs);
    finished(inputs, outputs);
    return outputs;
  };
  backend.executeSingleOutput = (op, attributes, inputs) => {
    const run = (): tf.Tensor[] => [executeSingleOutput.call(backend, op, attributes, inputs)];
    return observed(op, attributes, inputs, run)[0] as tf.Tensor;
  };
  backend.executeMultipleOutputs = (op, attributes, inputs, count) =>
    observed(op, attributes, inputs, () => executeMultipleOutputs.call(backend, op, attributes, inputs, count));
  backend.readSync = (dataId) => {
    recorder.reading(dataId);
    return readSync.call(backend, dataId);
  };
  backend.read = async (dataId) => {
    recorder.reading(dataId);
    return read.call(backend, dataId);
  };
  return () => Object.assign(backend, { executeSingleOutput, executeMultipleOutputs, readSync, read });
}

interface HollowTensors {
  readonly standIn: StandIn;
  /** Takes their memory from large outputs, and again from hollow inputs. */
  readonly empty: (inputs: readonly tf.Tensor[], outputs: readonly tf.Tensor[]) => void;
}

// Integers are never hollow: shapes and indices that ops compute from them must stay right.
const smallest = 1024;

function hollowTensors(backend: NativeBackend): HollowTensors {
  const hollow = new WeakSet<object>();
  let zeros = new Float32Array(smallest);
  const zerosOf = (size: number): Float32Array => {
    if (size > zeros.length) zeros = new Float32Array(size);
    return zeros.subarray(0, size);
  };
  const standIn: StandIn = (shape, type) => {
    const size = shape.reduce((product, length) => product * length, 1);
    if (type !== "float32") return tf.zeros([...shape], type as "int32");
    const tensor = tf.engine().makeTensor(zerosOf(size), [...shape], type) as tf.Tensor;
    hollow.add(tensor.dataId);
    return tensor;
  };
  const empty = ({ dataId, size }: tf.Tensor): void => {
    const data = backend.tensorMap.get(dataId);
    if (data.values !== null) return;
    backend.binding.deleteTensor(data.id);
    data.id = -1;
    data.values = zerosOf(size);
  };
  return {
    standIn,
    empty: (inputs, outputs) => {
      for (const { dataId, dtype, size } of outputs) if (dtype === "float32" && size >= smallest) hollow.add(dataId);
      for (const tensor of [...inputs, ...outputs]) if (hollow.has(tensor.dataId)) empty(tensor);
    },
  };
}

/** A function cannot run as a graph; the message names the op, the value or the tensor that is in the way. */
export class NotCapturable extends Error {}
