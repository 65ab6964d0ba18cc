import { tensorAlignment } from "../core/alignment";
import { nativeBackend, type OpAttribute } from "./backend";
import { tf } from "./tensorflow";

// TensorFlow's own fused kernels, called by name; tfjs composes the same from many elementwise ops.

function floatType(): OpAttribute {
  const { binding } = nativeBackend();
  return { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
}

function execute(op: string, attributes: OpAttribute[], inputs: tf.Tensor[], count: number): tf.Tensor[] {
  return nativeBackend().executeMultipleOutputs(op, [floatType(), ...attributes], inputs, count);
}

function only<T extends tf.Tensor>([first]: tf.Tensor[]): T {
  if (first === undefined) throw new Error("the TensorFlow op returned nothing");
  return first as T;
}

/** max(x, 0) with TensorFlow's own gradient op. */
export function relu<T extends tf.Tensor>(x: T): T {
  return rectified("Relu", x);
}

/** min(max(x, 0), 6) with TensorFlow's own gradient op. */
export function relu6<T extends tf.Tensor>(x: T): T {
  return rectified("Relu6", x);
}

function rectified<T extends tf.Tensor>(op: "Relu" | "Relu6", x: T): T {
  const run = tf.customGrad((input, save) => {
    const value = only(execute(op, [], [input as tf.Tensor], 1));
    (save as tf.GradSaveFunc)([value]);
    return { value, gradFunc: (dy, [saved]) => only(execute(`${op}Grad`, [], [dy, saved ?? dy], 1)) };
  });
  return run(x) as T;
}

/**
 * Cross-entropy of each row of `logits` [batch, classes] against a distribution `targets` of the
 * same shape: [batch]. There is no gradient to the targets.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const run = tf.customGrad((input, save) => {
    const [value, slope] = execute("SoftmaxCrossEntropyWithLogits", [], [input as tf.Tensor, targets], 2);
    if (value === undefined || slope === undefined)
      throw new Error("SoftmaxCrossEntropyWithLogits returned too little");
    (save as tf.GradSaveFunc)([slope]);
    return { value, gradFunc: (dy, [saved]) => tf.mul(tf.expandDims(dy, 1), saved ?? dy) };
  });
  return run(logits) as tf.Tensor1D;
}

/**
 * Entries of `table` [size, ...] at `indices` [count] of int32: [count, ...]. Unlike tf.gather it
 * does not read the indices back. There is no gradient.
 */
export function entriesAt<T extends tf.Tensor>(table: T, indices: tf.Tensor1D): T {
  const { binding } = nativeBackend();
  const attributes = [
    { name: "batch_dims", type: binding.TF_ATTR_INT, value: 0 },
    { name: "Tparams", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: "Tindices", type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    { name: "Taxis", type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
  ];
  return tf.tidy(() => {
    const axis = tf.scalar(0, "int32");
    return only(nativeBackend().executeMultipleOutputs("GatherV2", attributes, [table, indices, axis], 1));
  });
}

/**
 * `x` [..., channels] plus `bias` [channels], by an op that TensorFlow joins with the convolution
 * or product before it. There is no gradient.
 */
export function addBias<T extends tf.Tensor>(x: T, bias: tf.Tensor1D): T {
  const { binding } = nativeBackend();
  const format = { name: "data_format", type: binding.TF_ATTR_STRING, value: "NHWC" };
  return only(execute("BiasAdd", [format], [x, bias], 1));
}

/**
 * `a` [rows, inner] times `b` [inner, columns] by the op MatMul, which is a tenth faster than the
 * batched product of tf.matMul.
 */
export function product(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const run = tf.customGrad((left, right, save) => {
    const operands = [left as tf.Tensor, right as tf.Tensor];
    (save as unknown as tf.GradSaveFunc)(operands);
    const gradFunc = (dy: tf.Tensor, [x = dy, y = dy]: tf.Tensor[]): tf.Tensor[] => [
      multiplied(dy, y, { right: true }),
      multiplied(x, dy, { left: true }),
    ];
    return { value: multiplied(left as tf.Tensor, right as tf.Tensor, {}), gradFunc };
  });
  return run(a, b) as tf.Tensor2D;
}

/** The product of two matrices, either of them transposed. */
function multiplied(a: tf.Tensor, b: tf.Tensor, { left = false, right = false }): tf.Tensor {
  const { binding } = nativeBackend();
  const attributes = [
    { name: "transpose_a", type: binding.TF_ATTR_BOOL, value: left },
    { name: "transpose_b", type: binding.TF_ATTR_BOOL, value: right },
  ];
  return only(execute("MatMul", attributes, [a, b], 1));
}

/**
 * Writes the values of `x` to `target`, an array of the same size in a WebAssembly memory, which
 * begins at a whole page. On the CPU no array is made in between: a tensor made of an aligned array
 * shares its memory, and TensorFlow's InplaceUpdate writes there. If it does not (a GPU, an array
 * that is not aligned), the values are read and copied.
 */
export function readInto(x: tf.Tensor, target: Float32Array): void {
  const last = target.length - 1;
  if (target.byteOffset % tensorAlignment === 0) {
    target[0] = target[last] = Number.NaN;
    tf.tidy(() => {
      const shared = tf.tensor2d(target, [1, target.length]);
      const operands = [shared, tf.tensor1d([0], "int32"), tf.reshape(x, [1, target.length])];
      execute("InplaceUpdate", [], operands, 1);
    });
    if (!Number.isNaN(target[0]) && !Number.isNaN(target[last])) return;
  }
  target.set(x.dataSync<"float32">());
}

export interface NormWeights {
  readonly scale: tf.Tensor1D;
  readonly offset: tf.Tensor1D;
}

/** Mean and variance of each channel: [channels]. */
interface Moments {
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/** Added to a variance before its root is taken, as in PyTorch. */
export const normEpsilon = 1e-5;

/**
 * Batch normalisation of `x` [batch, height, width, channels] by the batch's own moments (epsilon
 * 1e-5), and those moments, with the unbiased variance. The moments carry no gradient and outlive a
 * tf.tidy: the caller disposes of them.
 */
export function batchNorm(x: tf.Tensor4D, { scale, offset }: NormWeights): { y: tf.Tensor4D } & Moments {
  const moments: tf.Tensor[] = [];
  const run = tf.customGrad((...values) => {
    const [input, gain, shift, save] = values as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const empty = tf.tensor1d([]);
    const [value, mean, variance, ...reserved] = fusedNorm([input, gain, shift, empty, empty], true);
    if (value === undefined || mean === undefined || variance === undefined)
      throw new Error("FusedBatchNormV3 returned too little");
    moments.push(tf.keep(mean), tf.keep(variance));
    save([input, gain, ...reserved]);
    return { value, gradFunc: (dy, saved) => normGradient(dy, saved, true) };
  });
  const y = run(x, scale, offset) as tf.Tensor4D;
  const [mean, variance] = moments as [tf.Tensor1D, tf.Tensor1D];
  return { y, mean, variance };
}

/**
 * Normalisation of `x` [batch, height, width, channels] by given moments (evaluation mode, epsilon
 * 1e-5), with gradients to x, scale and offset.
 */
export function fixedNorm(x: tf.Tensor4D, { scale, offset }: NormWeights, { mean, variance }: Moments): tf.Tensor4D {
  const run = tf.customGrad((...values) => {
    const [input, gain, shift, save] = values as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [value, , , , , reserved] = fusedNorm([input, gain, shift, mean, variance], false);
    if (value === undefined || reserved === undefined) throw new Error("FusedBatchNormV3 returned too little");
    save([input, gain, mean, variance, reserved]);
    return { value, gradFunc: (dy, saved) => normGradient(dy, saved, false) };
  });
  return run(x, scale, offset) as tf.Tensor4D;
}

function fusedNorm(inputs: tf.Tensor[], training: boolean): tf.Tensor[] {
  return execute("FusedBatchNormV3", normAttributes(training), inputs, 6);
}

function normGradient(dy: tf.Tensor, saved: tf.Tensor[], training: boolean): tf.Tensor[] {
  return execute("FusedBatchNormGradV3", normAttributes(training), [dy, ...saved], 5).slice(0, 3);
}

function normAttributes(training: boolean): OpAttribute[] {
  const { binding } = nativeBackend();
  return [
    { name: "U", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: "epsilon", type: binding.TF_ATTR_FLOAT, value: normEpsilon },
    { name: "data_format", type: binding.TF_ATTR_STRING, value: "NHWC" },
    { name: "is_training", type: binding.TF_ATTR_BOOL, value: training },
  ];
}
