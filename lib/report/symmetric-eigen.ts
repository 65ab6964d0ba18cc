/** Eigenvalues in falling order and their unit eigenvectors. */
export interface Eigen {
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
