import { type Matrix, matrix } from "../core/matrix";
import { bestRidge } from "./closed-form";
import { biasOf } from "./pairs/linear-maps";
import { momentsOf } from "./pairs/moments";
import { matrixSource, rowSplit } from "./pairs/pairs";

/** The share of the items that decides the strength of the regression. */
const share = 0.2;

/**
 * The ridge regression of log `errors` on the embeddings, shifted so that the mean of error * e^-s
 * is 1, as it is where FastFill's loss is least: s of other embeddings, [rows].
 */
export async function fittedHead(
  embeddings: Matrix,
  errors: Float64Array,
): Promise<(embeddings: Matrix) => Float32Array> {
  const logs = Float32Array.from(errors, (error) => Math.log(error));
  const pairs = {
    from: matrixSource("embeddings", embeddings),
    side: null,
    to: matrixSource("log errors", matrix(logs.length, 1, logs)),
  };
  const split = rowSplit(embeddings.rows, { heldOut: share, seed: 0, views: 1 });
  const { chosen, others } = await momentsOf(pairs, split.heldOut, () => {});
  const { map } = bestRidge(others, chosen);
  const [bias = 0] = biasOf(others, map);
  const fitted = linear(embeddings, map.data, bias);
  const mean = errors.reduce((sum, error, i) => sum + error * Math.exp(-(fitted[i] as number)), 0) / errors.length;
  return (other) => linear(other, map.data, bias + Math.log(mean));
}

function linear({ rows, columns, data }: Matrix, weights: ArrayLike<number>, bias: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, i) => {
    let sum = bias;
    for (let c = 0; c < columns; c++) sum += (data[i * columns + c] as number) * (weights[c] as number);
    return sum;
  });
}
