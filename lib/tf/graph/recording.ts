import { type NativeBackend, nativeBackend } from "../backend";
import { type OpObserver, observeOps } from "../hooks";
import { tf } from "../tensorflow";
import { type DataType, dataTypes } from "./node";

/**
 * A step cannot run as a graph; the message names the op, the value or the tensor that is in the
 * way.
 */
export class NotCapturable extends Error {}

/** Shape and type of a tensor. */
export interface TensorKind {
  readonly shape: readonly number[];
  readonly type: DataType;
}

export type TensorKinds = Readonly<Record<string, TensorKind>>;

/** What a tensor is. Throws NotCapturable for a type other than float32, int32 and bool. */
export function kindOf({ shape, dtype }: Pick<tf.Tensor, "shape" | "dtype">): TensorKind {
  if (!(dtype in dataTypes)) throw new NotCapturable(`a tensor of ${dtype} cannot be captured`);
  return { shape: [...shape], type: dtype as DataType };
}

/** A tensor of zeros that stands for one whose values do not matter. */
export type StandIn = (shape: readonly number[], type: tf.DataType) => tf.Tensor;

/**
 * Runs `work` and shows its ops to the observer. Large floating-point results and stand-ins take no
 * memory between ops: they are zeros whenever they are used. Whatever `work` makes is freed; what
 * the observer throws comes through.
 */
export function recorded(observer: OpObserver, work: (standIn: StandIn) => void): void {
  const hollow = hollowTensors(nativeBackend());
  const made: tf.Tensor[] = [];
  const restore = observeOps({
    ...observer,
    after: (inputs, outputs) => {
      observer.after(inputs, outputs);
      made.push(...outputs);
      hollow.empty(inputs, outputs);
    },
  });
  try {
    tf.tidy(() => work(hollow.standIn));
  } finally {
    restore();
    // What `work` kept from being tidied up and, if it failed, did not free.
    tf.dispose(made);
  }
}

interface HollowTensors {
  readonly standIn: StandIn;
  /**
   * Takes the memory of large outputs away, and that of hollow inputs, which an op filled with
   * zeros.
   */
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
