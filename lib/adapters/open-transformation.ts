import { InputError } from "../core/input-error";
import { type Matrix, matrix } from "../core/matrix";
import { arrayNamed, type NamedArray, type NamedArrays } from "../core/named-arrays";
import type { Pass } from "../nn/pass";
import { firstLinearLayer, lastLayer, type TransformationForm, transformation } from "../nn/transformation";
import type { tf } from "../tf/tensorflow";
import { type Tensors, tensorNamed } from "../tf/tensors";
import { forward } from "../training/forward";
import { logVariance } from "../training/transformation-loss";
import { formIn, lengthOf, type Refuse, requireShapes, requireValues } from "./check-weights";

/** A trained h, ready to map rows. */
export interface Transformation {
  /** Dimensions of the inputs of h; the weights of a linear h tell only their sum. */
  readonly takes: { readonly old: number; readonly side: number } | { readonly together: number };
  /** Dimensions of the output. */
  readonly target: number;
  /** h(old, side), batch by batch; null if no side-information is given. */
  readonly map: (old: Matrix, side: Matrix | null) => Matrix;
  /** s = log variance of each row, if h predicts it (FastFill); null for any other h. */
  readonly logVariance: ((old: Matrix, side: Matrix | null) => Float32Array) | null;
  /** Both for any number of rows. */
  readonly mapAll: (inputs: { readonly old: Matrix; readonly side: Matrix | null }) => MappedRows;
  readonly dispose: () => void;
}

/** The output of h for rows. */
export interface MappedRows {
  readonly embeddings: Matrix;
  readonly logVariance: Float32Array | null;
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
  const target = arrayNamed(weights, `${lastLayer(form)}.bias`).data.length;
  const own = Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith("space.")));
  const h = forward(own, (pass, batch) => output(pass, batch, form));
  const uncertain = weights["uncertainty.bias"] !== undefined;
  const s = uncertain ? forward(own, (pass, batch) => logVariance(pass, output(pass, batch, form))) : null;
  const takes = inputsOf(weights, form);
  const batch = (old: Matrix, side: Matrix | null): NamedArrays => ({
    old: batchOf(old),
    side: batchOf(side ?? insteadOfSide(takes, old)),
  });
  const map = (old: Matrix, side: Matrix | null): Matrix => matrix(old.rows, target, h.map(batch(old, side)));
  const logVariances = s && ((old: Matrix, side: Matrix | null) => s.map(batch(old, side)));
  return {
    takes,
    target,
    map,
    logVariance: logVariances,
    mapAll: (inputs) => mappedRows(inputs, { target, map, logVariance: logVariances }),
    dispose: () => {
      h.dispose();
      s?.dispose();
    },
  };
}

function output(pass: Pass, batch: Tensors, form: TransformationForm): tf.Tensor2D {
  return transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form);
}

function inputsOf(weights: NamedArrays, form: TransformationForm): Transformation["takes"] {
  const inputs = (name: string): number => lengthOf(weights, `${name}.linear`, 0);
  return form.linear ? { together: inputs(firstLinearLayer(form)) } : { old: inputs("old.0"), side: inputs("side.0") };
}

/** The old embedding, unless h is linear and takes that alone. */
function insteadOfSide(takes: Transformation["takes"], old: Matrix): Matrix {
  return "together" in takes && takes.together === old.columns ? matrix(old.rows, 0) : old;
}

/** As many as mapEmbeddings takes: the same batches give the same bytes. */
const rowsAtOnce = 4096;

function mappedRows(
  { old, side }: { readonly old: Matrix; readonly side: Matrix | null },
  h: Pick<Transformation, "target" | "map" | "logVariance">,
): MappedRows {
  const embeddings = matrix(old.rows, h.target);
  const logVariances = h.logVariance && new Float32Array(old.rows);
  const piece = ({ columns, data }: Matrix, first: number, end: number): Matrix =>
    matrix(end - first, columns, data.subarray(first * columns, end * columns));
  for (let first = 0; first < old.rows; first += rowsAtOnce) {
    const end = Math.min(first + rowsAtOnce, old.rows);
    const inputs = [piece(old, first, end), side && piece(side, first, end)] as const;
    embeddings.data.set(h.map(...inputs).data, first * h.target);
    if (h.logVariance !== null) logVariances?.set(h.logVariance(...inputs), first);
  }
  return { embeddings, logVariance: logVariances };
}

function batchOf({ rows, columns, data }: Matrix): NamedArray {
  return { shape: [rows, columns], data };
}
