import { unexpected, wholeNumber } from "../core/check";
import { type Matrix, matrix } from "../core/matrix";

/** Directions of largest variance, one a row, and the share of the variance along each. */
export interface PrincipalComponents {
  readonly mean: Float64Array;
  readonly directions: Matrix;
  readonly shares: readonly number[];
}

/**
 * The first `count` principal components of points, one point a row. The largest coordinate of each
 * direction is positive. Throws RangeError for fewer than two points, and unless `count` is a whole
 * number from 1 to the number of dimensions.
 */
export function principalComponents(points: Matrix, count = 2): PrincipalComponents {
  const { rows, columns } = points;
  wholeNumber("points with principal components", rows, { least: 2 });
  wholeNumber("principal components", count, { least: 1, most: columns });
  const mean = columnMeans(points);
  const { values, vectors } = symmetricEigen(covariance(points, mean), columns);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const directions = vectors.slice(0, count).map(withPositivePeak);
  return {
    mean,
    directions: matrix(count, columns, Float32Array.from(directions.flatMap((direction) => [...direction]))),
    shares: values.slice(0, count).map((value) => (total === 0 ? 0 : Math.max(0, value) / total)),
  };
}

/**
 * The coordinates along the components (rows x count) of points, which may be others than those of
 * the components. Throws RangeError if they have another number of dimensions.
 */
export function project(points: Matrix, { mean, directions }: Omit<PrincipalComponents, "shares">): Matrix {
  if (points.columns !== directions.columns) {
    throw unexpected("dimensions of the points to project", `${directions.columns}`, points.columns);
  }
  const projected = matrix(points.rows, directions.rows);
  for (let i = 0; i < points.rows; i++) {
    for (let component = 0; component < directions.rows; component++) {
      projected.data[i * directions.rows + component] = coordinate(points, i, directions, component, mean);
    }
  }
  return projected;
}

function coordinate(points: Matrix, i: number, directions: Matrix, component: number, mean: Float64Array): number {
  const { columns } = points;
  let sum = 0;
  for (let k = 0; k < columns; k++) {
    const centred = (points.data[i * columns + k] as number) - (mean[k] as number);
    sum += centred * (directions.data[component * columns + k] as number);
  }
  return sum;
}

function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) {
    mean[i % columns] = (mean[i % columns] as number) + (data[i] as number) / rows;
  }
  return mean;
}

function covariance({ rows, columns, data }: Matrix, mean: Float64Array): Float64Array {
  const result = new Float64Array(columns * columns);
  const centred = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) centred[k] = (data[i * columns + k] as number) - (mean[k] as number);
    addOuterProduct(result, centred, 1 / (rows - 1));
  }
  return result;
}

function addOuterProduct(sum: Float64Array, vector: Float64Array, weight: number): void {
  const size = vector.length;
  for (let k = 0; k < size; k++) {
    const scaled = weight * (vector[k] as number);
    for (let l = 0; l < size; l++) sum[k * size + l] = (sum[k * size + l] as number) + scaled * (vector[l] as number);
  }
}

function withPositivePeak(direction: Float64Array): Float64Array {
  const peak = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) * (1 + 1e-9) ? value : best), 0);
  return peak < 0 ? direction.map((value) => -value) : direction;
}

/** Eigenvalues in falling order with their unit eigenvectors. */
interface Eigen {
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
}

/** Eigen-decomposition of a symmetric size x size matrix (row-major) by cyclic Jacobi rotations. */
export function symmetricEigen(source: Float64Array, size: number): Eigen {
  const a = source.slice();
  const v = identity(size);
  const tolerance = 1e-22 * squareSum(a, size, true);
  for (let sweep = 0; sweep < 60 && squareSum(a, size, false) > tolerance; sweep++) {
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) eliminate(a, v, size, p, q);
    }
  }
  const order = Array.from({ length: size }, (_, k) => k).sort((k, l) => diagonal(a, size, l) - diagonal(a, size, k));
  return {
    values: order.map((k) => diagonal(a, size, k)),
    vectors: order.map((k) => v.slice(k * size, (k + 1) * size)),
  };
}

/** Rotates in the plane (p, q) so that a[p][q] is zero; row k of `v` becomes eigenvector k. */
function eliminate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const off = a[p * size + q] as number;
  if (off === 0) return;
  const theta = (diagonal(a, size, q) - diagonal(a, size, p)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(t, 1);
  const turn = { cosine, sine: t * cosine };
  const rows = { first: p * size, second: q * size, stride: 1, count: size };
  rotate(a, { first: p, second: q, stride: size, count: size }, turn);
  rotate(a, rows, turn);
  rotate(v, rows, turn);
}

/** Two rows or two columns of a matrix: where they begin, and how far apart their values are. */
interface Pair {
  readonly first: number;
  readonly second: number;
  readonly stride: number;
  readonly count: number;
}

function rotate(
  values: Float64Array,
  { first, second, stride, count }: Pair,
  { cosine, sine }: { readonly cosine: number; readonly sine: number },
): void {
  for (let k = 0; k < count; k++) {
    const x = values[first + k * stride] as number;
    const y = values[second + k * stride] as number;
    values[first + k * stride] = cosine * x - sine * y;
    values[second + k * stride] = sine * x + cosine * y;
  }
}

function squareSum(a: Float64Array, size: number, withDiagonal: boolean): number {
  return a.reduce((sum, value, k) => (withDiagonal || k % (size + 1) !== 0 ? sum + value * value : sum), 0);
}

function identity(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, k) => (k % (size + 1) === 0 ? 1 : 0));
}

function diagonal(a: Float64Array, size: number, k: number): number {
  return a[k * size + k] as number;
}
