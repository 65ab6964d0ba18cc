import { type Matrix, matrix } from "../../core/matrix";
import { arrayNamed, type NamedArray, type NamedArrays } from "../../core/named-arrays";
import { formOf, lastLayer, type TransformationForm, transformation } from "../../nn/transformation";
import { tensorNamed } from "../../tf/tensors";
import { forward } from "../../training/forward";

/** A trained h, ready to map rows. */
export interface Transformation {
  /** Dimensions of the inputs of h; the weights of a linear h tell only their sum. */
  readonly takes: { readonly old: number; readonly side: number } | { readonly together: number };
  /** Dimensions of the output. */
  readonly target: number;
  readonly map: (old: Matrix, side: Matrix) => Matrix;
  readonly dispose: () => void;
}

/** The h with weights that come from `path`. Throws if they are those of another network. */
export function openTransformation(weights: NamedArrays, path: string): Transformation {
  const form = formIn(weights, path);
  const target = arrayNamed(weights, `${lastLayer(form)}.bias`).data.length;
  const h = forward(weights, (pass, batch) =>
    transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form),
  );
  const inputs = (name: string): number => arrayNamed(weights, `${name}.linear`).shape[0] ?? 0;
  return {
    takes: form.linear ? { together: inputs(lastLayer(form)) } : { old: inputs("old.0"), side: inputs("side.0") },
    target,
    map: (old, side) => matrix(old.rows, target, h.map({ old: batchOf(old), side: batchOf(side) })),
    dispose: h.dispose,
  };
}

function formIn(weights: NamedArrays, path: string): TransformationForm {
  try {
    return formOf(weights);
  } catch (error) {
    throw new Error(`${path} holds ${(error as Error).message}`);
  }
}

function batchOf({ rows, columns, data }: Matrix): NamedArray {
  return { shape: [rows, columns], data };
}
