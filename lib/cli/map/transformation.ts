import { notFinite } from "../../core/check";
import { InputError } from "../../core/input-error";
import { type Matrix, matrix } from "../../core/matrix";
import { arrayNamed, type NamedArray, type NamedArrays } from "../../core/named-arrays";
import {
  formOf,
  initialTransformation,
  lastLayer,
  type TransformationForm,
  transformation,
} from "../../nn/transformation";
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

/**
 * The h with weights that come from `path`. Throws InputError if they are those of another network,
 * if their shapes do not fit each other, or if a value is not finite or a variance below zero.
 */
export function openTransformation(weights: NamedArrays, path: string): Transformation {
  const refuse = (fault: string, place?: string): InputError =>
    new InputError({ file: path, fault, ...(place === undefined ? {} : { place }) });
  const form = formIn(weights, refuse);
  requireShapes(weights, form, refuse);
  for (const [name, { data }] of Object.entries(weights)) requireValues(name, data, refuse);
  const target = arrayNamed(weights, `${lastLayer(form)}.bias`).data.length;
  const h = forward(weights, (pass, batch) =>
    transformation(pass, tensorNamed(batch, "old"), tensorNamed(batch, "side"), form),
  );
  const inputs = (name: string): number => lengthOf(weights, `${name}.linear`, 0);
  return {
    takes: form.linear ? { together: inputs(lastLayer(form)) } : { old: inputs("old.0"), side: inputs("side.0") },
    target,
    map: (old, side) => matrix(old.rows, target, h.map({ old: batchOf(old), side: batchOf(side) })),
    dispose: h.dispose,
  };
}

type Refuse = (fault: string, place?: string) => InputError;

function formIn(weights: NamedArrays, refuse: Refuse): TransformationForm {
  try {
    return formOf(weights);
  } catch (error) {
    throw refuse(`it holds ${(error as Error).message}`);
  }
}

/** The shapes of h follow from the lengths of its inputs, its output and its mixer. */
function requireShapes(weights: NamedArrays, form: TransformationForm, refuse: Refuse): void {
  const last = `${lastLayer(form)}.linear`;
  const length = (name: string): number => lengthOf(weights, name, 0);
  const [inner, target] = [length(last), length(`${lastLayer(form)}.bias`)];
  const [old, side] = form.linear ? [inner, 0] : [length("old.0.linear"), length("side.0.linear")];
  const words = form.linear ? `${inner} dimensions` : `${old} and ${side} dimensions`;
  const whole = `expected in an h from ${words} to ${target}`;
  const requireShape = (name: string, shape: readonly number[]): void => {
    const found = weights[name]?.shape;
    if (found?.join() === shape.join()) return;
    const said = found === undefined ? "it is missing" : `its shape is ${shapeText(found)}`;
    throw refuse(`${said}, ${shapeText(shape)} is ${whole}`, `array ${name}`);
  };
  // First what the other shapes follow from, so that none is larger than the file.
  requireShape(last, [inner, target]);
  if (!form.linear) {
    requireShape("old.0.linear", [old, 2 * old]);
    requireShape("side.0.linear", [side, 2 * side]);
  }
  const expected = initialTransformation({ ...form, old, side, target, inner }, "zeros");
  for (const [name, { shape }] of Object.entries(expected)) requireShape(name, shape);
}

function lengthOf(weights: NamedArrays, name: string, axis: number): number {
  return weights[name]?.shape[axis] ?? 0;
}

function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single value" : shape.join(" x ");
}

function requireValues(name: string, values: NamedArray["data"], refuse: Refuse): void {
  const wrong = notFinite(values);
  if (wrong !== null) throw refuse(wrong, `array ${name}`);
  const negative = name.endsWith(".variance") ? values.findIndex((value: number) => value < 0) : -1;
  if (negative >= 0) throw refuse(`a variance of ${values[negative]}, at least 0 is expected`, `array ${name}`);
}

function batchOf({ rows, columns, data }: Matrix): NamedArray {
  return { shape: [rows, columns], data };
}
