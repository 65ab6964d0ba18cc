import { type Matrix, matrix } from "../../lib/core/matrix";
import { random } from "../../lib/core/random";

/** Standard normal rows, or whole numbers about 0 if `whole`, so that many distances are equal. */
export function normalRows(name: string, rows: number, columns: number, whole = false): Matrix {
  const stream = random(name, rows, columns);
  const value = (): number => (whole ? Math.round(stream.normal()) : stream.normal());
  return matrix(rows, columns, Float32Array.from({ length: rows * columns }, value));
}

/** Classes drawn at random from 0 .. classes - 1. */
export function randomLabels(name: string, items: number, classes: number): Int32Array {
  const stream = random(name, "labels");
  return Int32Array.from({ length: items }, () => stream.integer(classes));
}
