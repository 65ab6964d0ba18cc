import { type Matrix, matrix } from "../../core/matrix";
import type { NamedArray } from "../../core/named-arrays";
import { type Random, random } from "../../core/random";

/** Images of noise in [-1, 1): [count, side, side, 3]. */
export function noiseImages(count: number, side: number): NamedArray {
  const draw = random("bench", "images");
  return {
    shape: [count, side, side, 3],
    data: Float32Array.from({ length: count * side * side * 3 }, () => 2 * draw.uniform() - 1),
  };
}

/** Rows of noise in [-1, 1). */
export function noiseRows(name: string, rows: number, columns: number): Matrix {
  const draw = random("bench", name);
  return matrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, () => 2 * draw.uniform() - 1),
  );
}

/** The number of items of a class. */
const classSize = 50;

/** Embeddings in classes of 50: a centre for each class, with noise about as wide around it. */
export function classRows(
  name: string,
  rows: number,
  columns: number,
): { readonly embeddings: Matrix; readonly labels: Int32Array } {
  const labels = Int32Array.from({ length: rows }, (_, row) => Math.floor(row / classSize));
  const centres = noiseRows("centres", Math.ceil(rows / classSize), columns);
  const embeddings = noiseRows(name, rows, columns);
  embeddings.data.forEach((value, i) => {
    const label = labels[Math.floor(i / columns)] as number;
    embeddings.data[i] = 2 * value + (centres.data[label * columns + (i % columns)] as number);
  });
  return { embeddings, labels };
}

/** Random whole numbers from 0 to below `classes`. */
export function noiseLabels(count: number, classes: number): NamedArray {
  const draw: Random = random("bench", "labels");
  return { shape: [count], data: Int32Array.from({ length: count }, () => Math.floor(classes * draw.uniform())) };
}
