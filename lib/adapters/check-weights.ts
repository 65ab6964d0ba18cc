import { notFinite } from "../core/check";
import type { InputError } from "../core/input-error";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { innerWidth } from "../nn/linear-transformation";
import {
  firstLinearLayer,
  formOf,
  initialTransformation,
  lastLayer,
  type TransformationForm,
} from "../nn/transformation";

/** The error of weights that cannot be used, with the array that is at fault. */
export type Refuse = (fault: string, place?: string) => InputError;

/** The form of the h with these weights; refuses those of another network. */
export function formIn(weights: NamedArrays, refuse: Refuse): TransformationForm {
  try {
    return formOf(weights);
  } catch (error) {
    throw refuse(`it holds ${(error as Error).message}`);
  }
}

/**
 * Refuses shapes that do not fit each other: those of h follow from the lengths of its inputs, its
 * output and its mixer.
 */
export function requireShapes(weights: NamedArrays, form: TransformationForm, refuse: Refuse): void {
  const last = `${lastLayer(form)}.linear`;
  const length = (name: string): number => lengthOf(weights, name, 0);
  const [width, target] = [length(last), length(`${lastLayer(form)}.bias`)];
  const inner = form.linear ? innerWidth(weights, form.variant) : width;
  const [old, side] = form.linear
    ? [length(`${firstLinearLayer(form)}.linear`), 0]
    : [length("old.0.linear"), length("side.0.linear")];
  const words = form.linear ? `${old} dimensions` : `${old} and ${side} dimensions`;
  const whole = `expected in an h from ${words} to ${target}`;
  const requireShape = (name: string, shape: readonly number[]): void => {
    const found = weights[name]?.shape;
    if (found?.join() === shape.join()) return;
    const said = found === undefined ? "it is missing" : `its shape is ${shapeText(found)}`;
    throw refuse(`${said}, ${shapeText(shape)} is ${whole}`, `array ${name}`);
  };
  // First what the other shapes follow from, so that none is larger than the file.
  requireShape(last, [width, target]);
  if (weights["uncertainty.bias"] !== undefined) {
    requireShape("uncertainty.linear", [target, 1]);
    requireShape("uncertainty.bias", [1]);
  }
  if (!form.linear) {
    requireShape("old.0.linear", [old, 2 * old]);
    requireShape("side.0.linear", [side, 2 * side]);
  }
  const expected = initialTransformation({ ...form, old, side, target, inner }, "zeros");
  for (const [name, { shape }] of Object.entries(expected)) requireShape(name, shape);
}

/** The length of an array along an axis; 0 if it is missing. */
export function lengthOf(weights: NamedArrays, name: string, axis: number): number {
  return weights[name]?.shape[axis] ?? 0;
}

function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? "a single value" : shape.join(" x ");
}

/** Refuses values that are not finite, and variances below zero. */
export function requireValues(name: string, values: NamedArray["data"], refuse: Refuse): void {
  const wrong = notFinite(values);
  if (wrong !== null) throw refuse(wrong, `array ${name}`);
  const negative = name.endsWith(".variance") ? values.findIndex((value: number) => value < 0) : -1;
  if (negative >= 0) throw refuse(`a variance of ${values[negative]}, at least 0 is expected`, `array ${name}`);
}
