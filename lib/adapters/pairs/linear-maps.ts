import {
  type DoubleMatrix,
  doubleMatrix,
  doubleProduct,
  singularValues,
  solved,
  symmetricEigenvectors,
} from "../../tf/graph/doubles";
import { type Moments, productsOf } from "./moments";

/** Covariances, times the number of rows, of inputs, of both, and of outputs. */
interface Covariances {
  readonly inputs: DoubleMatrix;
  readonly both: DoubleMatrix;
  readonly outputs: DoubleMatrix;
}

function covariancesOf(moments: Moments): Covariances {
  const [x, y] = [[0, moments.inputs] as const, [moments.inputs, moments.products.columns] as const];
  return {
    inputs: productsOf(moments, x, x),
    both: productsOf(moments, x, y),
    outputs: productsOf(moments, y, y),
  };
}

/**
 * A similarity s R of centred inputs X and outputs Y: R = U V^T of the singular value decomposition
 * of X^T Y, and the s that minimises ||Y - s X R||^2, which is the sum of the singular values over
 * ||X R||^2. With no more inputs than outputs, R R^T = I, and no s and R have a smaller error
 * (Schoenemann and Carroll, 1970). With more, R^T R = I, and R maximises <X R, Y> instead: the
 * least error has no closed form.
 */
export function procrustes(moments: Moments): DoubleMatrix {
  const { inputs, both } = covariancesOf(moments);
  const { left, values, right } = singularValues(both);
  const rotation = doubleProduct(left, right, { right: true });
  const rotated =
    both.rows > both.columns ? doubleProduct(rotation, doubleProduct(inputs, rotation), { left: true }) : inputs;
  const scale = values.reduce((a, b) => a + b, 0) / trace(rotated);
  return { ...rotation, data: rotation.data.map((value) => scale * value) };
}

/**
 * Ridge regression: (X^T X + strength * mean variance)^-1 X^T Y for centred X and Y. `strength` is
 * relative, so that it means the same for embeddings of any scale and dimensions.
 */
export function ridge(moments: Moments, strength: number): DoubleMatrix {
  const { inputs, both } = covariancesOf(moments);
  const added = (strength * trace(inputs)) / inputs.rows;
  const regular = doubleMatrix(
    inputs.rows,
    inputs.rows,
    (i, j) => (inputs.data[i * inputs.rows + j] as number) + (i === j ? added : 0),
  );
  return solved(regular, both);
}

/**
 * Reduced-rank regression: the ridge regression `map` [inputs, outputs], projected on the `rank`
 * directions in which its outputs vary most (Izenman, 1975). Two factors, [inputs, rank] and
 * [rank, outputs].
 */
export function reducedRank(moments: Moments, map: DoubleMatrix, rank: number): readonly [DoubleMatrix, DoubleMatrix] {
  const { inputs } = covariancesOf(moments);
  const fitted = doubleProduct(map, doubleProduct(inputs, map), { left: true });
  const { right } = symmetricEigenvectors(fitted);
  // Eigenvalues ascend: the last columns belong to the largest.
  const leading = doubleMatrix(
    right.rows,
    rank,
    (i, k) => right.data[i * right.columns + right.columns - 1 - k] as number,
  );
  const second = doubleMatrix(rank, right.rows, (k, j) => leading.data[j * rank + k] as number);
  return [doubleProduct(map, leading), second];
}

/**
 * Mean squared error, over rows and dimensions, of the linear map on the pairs of these moments.
 */
export function linearError(moments: Moments, fitted: Moments, map: DoubleMatrix): number {
  const { inputs, both, outputs } = covariancesOf(moments);
  const explained = doubleProduct(map, both, { left: true });
  const mapped = doubleProduct(map, doubleProduct(inputs, map), { left: true });
  const offset = meanGap(moments, fitted, map);
  const sum = trace(outputs) - 2 * trace(explained) + trace(mapped);
  return (sum / moments.count + offset) / outputs.rows;
}

/** Squared distance of the pairs' mean output from what the map makes of their mean input. */
function meanGap(moments: Moments, fitted: Moments, map: DoubleMatrix): number {
  const bias = biasOf(fitted, map);
  const mapped = outputsOf(map, moments.means);
  return bias.reduce(
    (sum, b, j) => sum + ((moments.means[moments.inputs + j] as number) - b - (mapped[j] as number)) ** 2,
    0,
  );
}

function outputsOf({ rows, columns, data }: DoubleMatrix, input: Float64Array): Float64Array {
  return Float64Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += (input[i] as number) * (data[i * columns + j] as number);
    return sum;
  });
}

/** The bias of a linear map: what it leaves of the mean output at the mean input. */
export function biasOf({ means, inputs }: Moments, map: DoubleMatrix): Float64Array {
  return outputsOf(map, means).map((mapped, j) => (means[inputs + j] as number) - mapped);
}

function trace({ rows, columns, data }: DoubleMatrix): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += data[i * columns + i] as number;
  return sum;
}
