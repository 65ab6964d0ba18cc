import { type Matrix, matrix } from "../core/matrix";
import type { NamedArray, NamedArrays } from "../core/named-arrays";
import { projection } from "../nn/projection";
import { weightNamed } from "../tf/gradients";
import { forward } from "../training/forward";

/** A trained h, ready to map rows. */
export interface Transformation {
  /** Dimensions of the old embedding, the side-information and what h makes of them. */
  readonly old: number;
  readonly side: number;
  readonly target: number;
  readonly map: (old: Matrix, side: Matrix) => Matrix;
  readonly dispose: () => void;
}

/** The h of weights read from `path`; throws where they are another network's. */
export function transformation(weights: NamedArrays, path: string): Transformation {
  const length = (name: string, axis: number): number => {
    const found = weights[name]?.shape[axis];
    if (found !== undefined) return found;
    const names = Object.keys(weights).slice(0, 8).join(", ") || "nothing";
    throw new Error(`${path} holds no weights of h: ${name} is missing among ${names}`);
  };
  const target = length("mixer.2.bias", 0);
  const h = forward(weights, (pass, batch) => projection(pass, weightNamed(batch, "old"), weightNamed(batch, "side")));
  return {
    old: length("old.0.linear", 0),
    side: length("side.0.linear", 0),
    target,
    map: (old, side) => matrix(old.rows, target, h.map({ old: batchOf(old), side: batchOf(side) })),
    dispose: h.dispose,
  };
}

function batchOf({ rows, columns, data }: Matrix): NamedArray {
  return { shape: [rows, columns], data };
}
