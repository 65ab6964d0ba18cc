import { type Matrix, matrix } from "../core/matrix";
import { symmetricEigen } from "./symmetric-eigen";

/** The directions of largest variance, one a row of `directions`, and the share of the variance along each. */
export interface PrincipalComponents {
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
