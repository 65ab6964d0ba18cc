import type * as tensorflow from "@tensorflow/tfjs-node-gpu";
import { loadQuietly } from "./quiet";

// The one import of TensorFlow: the native binding, quiet. Everything else imports `tf` from here.

/**
 * TensorFlow.js over its native binding, in which an own loss is written. It is loaded when it is
 * first used, since that takes a second, which what only lists, helps or refuses can do without. No
 * module may use it while it is being loaded itself.
 */
export const tf: typeof tensorflow = Object.create(new Proxy({}, { get: (_, name) => Reflect.get(loaded(), name) }));

// TypeScript has no other way to give a value and types one name.
export declare namespace tf {
  export namespace Rank {
    export type R2 = tensorflow.Rank.R2;
    export type R4 = tensorflow.Rank.R4;
  }
  export type DataType = tensorflow.DataType;
  export type GradSaveFunc = tensorflow.GradSaveFunc;
  export type Scalar = tensorflow.Scalar;
  export type Tensor<R extends tensorflow.Rank = tensorflow.Rank> = tensorflow.Tensor<R>;
  export type Tensor1D = tensorflow.Tensor1D;
  export type Tensor2D = tensorflow.Tensor2D;
  export type Tensor4D = tensorflow.Tensor4D;
  export type TypedArray = tensorflow.TypedArray;
}

/** Puts TensorFlow's members into `tf` itself, which from then on is an object like any other. */
function loaded(): typeof tensorflow {
  loadQuietly();
  const library = required();
  Object.setPrototypeOf(tf, Object.prototype);
  for (const name of Object.keys(library) as (keyof typeof tensorflow)[]) {
    Object.defineProperty(tf, name, { value: library[name], enumerable: true, configurable: true, writable: true });
  }
  return tf;
}

function required(): typeof tensorflow {
  try {
    return require("@tensorflow/tfjs-node-gpu") as typeof tensorflow;
  } catch (cause) {
    const [why] = String((cause as Error).message).split("\n");
    throw new Error(`TensorFlow cannot be loaded: ${why}; npm run fct -- doctor says what to do`, { cause });
  }
}
