import { type Matrix, matrix } from "../../core/matrix";

/** The directions of largest variance, one a row of `directions`, and the share of the variance along each. */
interface PrincipalComponents {
  readonly mean: Float64Array;
  readonly directions: Matrix;
  readonly shares: readonly number[];
}

/** The first `count` principal components of points, one a row. The largest coordinate of each direction is positive. */
export function principalComponents(points: Matrix, count = 2): PrincipalComponents {
  const { rows, columns } = points;
  if (rows < 2) throw new RangeError(`principal components of ${rows} points: at least 2 are needed`);
  if (!Number.isInteger(count) || count < 1 || count > columns) {
    throw new RangeError(`${count} principal components of ${columns} dimensions: 1 to ${columns} are allowed`);
  }
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

/** The coordinates of points along the components: rows x count. Points of another model may be given. */
export function project(points: Matrix, { mean, directions }: PrincipalComponents): Matrix {
  if (points.columns !== directions.columns) {
    throw new RangeError(`points of ${points.columns} dimensions, components of ${directions.columns}`);
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
    const centred = (points.data[i * columns + k] ?? 0) - (mean[k] ?? 0);
    sum += centred * (directions.data[component * columns + k] ?? 0);
  }
  return sum;
}

function columnMeans({ rows, columns, data }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) mean[i % columns] = (mean[i % columns] ?? 0) + (data[i] ?? 0) / rows;
  return mean;
}

function covariance({ rows, columns, data }: Matrix, mean: Float64Array): Float64Array {
  const result = new Float64Array(columns * columns);
  const centred = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) centred[k] = (data[i * columns + k] ?? 0) - (mean[k] ?? 0);
    addOuterProduct(result, centred, 1 / (rows - 1));
  }
  return result;
}

function addOuterProduct(sum: Float64Array, vector: Float64Array, weight: number): void {
  const size = vector.length;
  for (let k = 0; k < size; k++) {
    const scaled = weight * (vector[k] ?? 0);
    for (let l = 0; l < size; l++) sum[k * size + l] = (sum[k * size + l] ?? 0) + scaled * (vector[l] ?? 0);
  }
}

function withPositivePeak(direction: Float64Array): Float64Array {
  const peak = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) * (1 + 1e-9) ? value : best), 0);
  return peak < 0 ? direction.map((value) => -value) : direction;
}

/** Eigenvalues in falling order and their unit eigenvectors. */
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

/** One rotation in the plane (p, q) that makes a[p][q] zero; row k of `v` collects eigenvector k. */
function eliminate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const off = a[p * size + q] ?? 0;
  if (off === 0) return;
  const theta = (diagonal(a, size, q) - diagonal(a, size, p)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(t, 1);
  const sine = t * cosine;
  rotate(a, p, q, size, size, cosine, sine);
  rotate(a, p * size, q * size, 1, size, cosine, sine);
  rotate(v, p * size, q * size, 1, size, cosine, sine);
}

function rotate(
  values: Float64Array,
  first: number,
  second: number,
  stride: number,
  count: number,
  cosine: number,
  sine: number,
): void {
  for (let k = 0; k < count; k++) {
    const x = values[first + k * stride] ?? 0;
    const y = values[second + k * stride] ?? 0;
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
  return a[k * size + k] ?? 0;
}
