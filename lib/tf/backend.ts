import { tf } from "./tensorflow";

/**
 * An attribute of an op as the backend takes it; `type` is one of the binding's TF_ATTR_ numbers.
 */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: string | number | boolean | readonly number[] | readonly boolean[];
}

/**
 * What stands behind a tensor: a handle in TensorFlow, or values that are not handed over yet, in
 * which case `id` means nothing.
 */
interface TensorData {
  id: number;
  values: tf.TypedArray | null;
}

type AttributeKind = "TF_ATTR_TYPE" | "TF_ATTR_INT" | "TF_ATTR_FLOAT" | "TF_ATTR_STRING" | "TF_ATTR_BOOL";

/**
 * The part of the Node backend that the JavaScript API does not show: ops by name, tensors' data,
 * saved models.
 */
export interface NativeBackend {
  readonly binding: Readonly<Record<AttributeKind, number>> & {
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_BOOL: number;
    readonly deleteTensor: (id: number) => void;
  };
  readonly tensorMap: { readonly get: (dataId: object) => TensorData };
  executeSingleOutput: (op: string, attributes: OpAttribute[], inputs: tf.Tensor[]) => tf.Tensor;
  executeMultipleOutputs: (op: string, attributes: OpAttribute[], inputs: tf.Tensor[], count: number) => tf.Tensor[];
  readSync: (dataId: object) => tf.TypedArray;
  read: (dataId: object) => Promise<tf.TypedArray>;
  readonly loadSavedModelMetaGraph: (folder: string, tags: string) => number;
  readonly runSavedModel: (
    id: number,
    inputs: tf.Tensor[],
    inputNames: { readonly name: string }[],
    outputNames: string[],
  ) => tf.Tensor[];
  readonly deleteSavedModel: (id: number) => void;
}

/** The backend in use. */
export function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}
