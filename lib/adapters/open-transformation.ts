import { InputError } from "../core/input-error";
import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArrays } from "../core/named-arrays";
import { firstLinearLayer, lastLayer, type TransformationForm } from "../nn/transformation";
import { type MappedRows, openMapping } from "../training/embed";
import { formIn, lengthOf, type Refuse, requireShapes, requireValues } from "./check-weights";

/** Rows to map; the side-information is null if none is given. */
export interface RowsToMap {
  readonly old: Matrix;
  readonly side: Matrix | null;
}

/** A trained h, ready to map rows. */
export interface Transformation {
  /** Dimensions of the inputs of h; the weights of a linear h tell only their sum. */
  readonly takes: { readonly old: number; readonly side: number } | { readonly together: number };
  /** Dimensions of the output. */
  readonly target: number;
  /** Does h predict s, the log variance of each row (FastFill)? */
  readonly predictsUncertainty: boolean;
  /**
   * h(old, side), and s if h predicts it, for any number of rows. Throws RangeError if the rows or
   * dimensions are not those that h takes.
   */
  readonly mapAll: (rows: RowsToMap) => MappedRows;
  readonly dispose: () => void;
}

/**
 * The h with weights that come from `path`. Throws InputError if they are those of another network,
 * if their shapes do not fit each other, or if a value is not finite or a variance below zero.
 */
export function openTransformation(weights: NamedArrays, path: string): Transformation {
  const refuse: Refuse = (fault, place) =>
    new InputError({ file: path, fault, ...(place === undefined ? {} : { place }) });
  const form = formIn(weights, refuse);
  requireShapes(weights, form, refuse);
  for (const [name, { data }] of Object.entries(weights)) requireValues(name, data, refuse);
  const own = Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith("space.")));
  const uncertainty = weights["uncertainty.bias"] !== undefined;
  const h = openMapping({ ...form, uncertainty }, own);
  const takes = inputsOf(weights, form);
  return {
    takes,
    target: arrayNamed(weights, `${lastLayer(form)}.bias`).data.length,
    predictsUncertainty: uncertainty,
    mapAll: ({ old, side }) => h.map({ old, side: side ?? insteadOfSide(takes, old) }),
    dispose: h.dispose,
  };
}

function inputsOf(weights: NamedArrays, form: TransformationForm): Transformation["takes"] {
  const inputs = (name: string): number => lengthOf(weights, `${name}.linear`, 0);
  return form.linear ? { together: inputs(firstLinearLayer(form)) } : { old: inputs("old.0"), side: inputs("side.0") };
}

/** The old embedding, unless h is linear and takes that alone. */
function insteadOfSide(takes: Transformation["takes"], old: Matrix): Matrix {
  return "together" in takes && takes.together === old.columns ? matrix(old.rows, 0) : old;
}
